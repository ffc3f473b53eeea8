import io
from datetime import timedelta

import pytest
from python_calamine import CalamineWorkbook

from tests.factories.members import make_member, make_user, operator, owner_of
from tests.web.conftest import Browser
from yunju.filings.models import FilingForm, Return, Round
from yunju.filings.words import Quarter
from yunju.kernel import clock
from yunju.members.models import User
from yunju.members.words import CapacityKind


@pytest.fixture
def firm(cluster):
    return make_member(cluster, capacities=(CapacityKind.SUPPLIER,), name="青禾陶坊", phone="+8613800138000")


@pytest.fixture
def desk(browser: Browser, cluster):
    return browser(User.objects.get(pk=operator(cluster).user_id))


def usual_rows() -> dict[str, str]:
    rows = (
        ("营业收入", "money", "元"),
        ("税收", "money", "元"),
        ("从业人数", "count", "人"),
        ("专利数", "count", "件"),
    )
    found = {"name": "季度统计", "note": "", "title": "2026 年园区统计", "scale": "10000"}
    for number, (name, kind, unit) in enumerate(rows):
        found |= {f"name_{number}": name, f"kind_{number}": kind, f"unit_{number}": unit}
    return found | {"required_0": "on"}


def open_round(desk, quarter: str = "2026Q3") -> Round:
    made = desk.post("/operator/filings/new", usual_rows())
    assert made.status_code == 302, made.context["form"].errors
    form = FilingForm.objects.get(code=made["Location"].rsplit("/", 1)[1])
    due = "2099-01-31"
    answer = desk.post(f"/operator/filings/{form.code}/open", {"quarter": quarter, "due_on": due})
    assert answer.status_code == 302, answer.context["opening"].errors
    return Round.objects.get(form=form)


def test_from_the_form_to_the_authoritys_sheet(browser: Browser, desk, firm):
    found = open_round(desk)
    phone = browser(owner_of(firm))
    page = phone.get(f"/m/{firm.code}/filings")
    assert page.status_code == 200
    assert f"/m/{firm.code}/filings/{found.code}" in page.content.decode()
    where = f"/m/{firm.code}/filings/{found.code}"
    typed = {"revenue": "1,234,567.89", "tax": "", "staff": "12", "column_4": "3", "step": "hand_in"}
    answer = phone.post(where, typed)
    assert answer.status_code == 302
    row = Return.objects.get(round=found, member=firm)
    assert row.values == {"revenue": 123456789, "staff": 12, "column_4": 3}
    sheet = desk.get(f"/operator/filings/rounds/{found.code}/sheet.xlsx")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(sheet.content)).get_sheet_by_index(0).to_python()
    assert rows[0][0] == "2026 年园区统计"
    assert rows[1][:7] == [
        "序号",
        "单位名称",
        "统一社会信用代码",
        "营业收入（万元）",
        "税收（万元）",
        "从业人数（人）",
        "专利数（件）",
    ]
    assert rows[2][:7] == [1, "青禾陶坊", "", 123.456789, "", 12, 3]
    assert rows[2][8] == "13800138000"


def test_a_fault_stands_at_its_field_and_nothing_is_kept(browser: Browser, desk, firm):
    found = open_round(desk)
    where = f"/m/{firm.code}/filings/{found.code}"
    answer = browser(owner_of(firm)).post(where, {"revenue": "１２万", "staff": "x", "step": "hand_in"})
    assert answer.status_code == 200
    assert set(answer.context["form"].errors) == {"revenue", "staff"}
    assert Return.objects.get(round=found, member=firm).values == {}


def test_a_draft_comes_back_as_it_was_typed(browser: Browser, desk, firm):
    found = open_round(desk)
    where = f"/m/{firm.code}/filings/{found.code}"
    phone = browser(owner_of(firm))
    assert phone.post(where, {"revenue": "8.5", "step": "draft"})["Location"] == where
    assert 'value="8.50"' in phone.get(where).content.decode()
    assert Return.objects.get(round=found, member=firm).state == "draft"
    shown = desk.get(f"/operator/filings/rounds/{found.code}").content.decode()
    assert "8.50" not in shown


def test_columns_and_sheet_are_changed_on_one_page(desk, firm):
    found = open_round(desk)
    form = found.form
    page = desk.get(f"/operator/filings/{form.code}").context["form"]
    data = usual_rows() | {"name_3": "", "kind_3": "", "unit_3": "", "name_4": "出口额", "kind_4": "money"}
    data |= {"place_name": "1", "heading_name": "企业名称", "place_staff": "2", "heading_staff": "人数"}
    assert {word for word, _place, _heading in page.sheet} >= {"营业收入", "Name of the member"}
    assert desk.post(f"/operator/filings/{form.code}", data).status_code == 302
    form.refresh_from_db()
    assert [column["name"] for column in form.columns] == ["营业收入", "税收", "从业人数", "出口额"]
    assert form.layout == [
        {"source": "name", "heading": "企业名称"},
        {"source": "staff", "heading": "人数"},
        {"source": form.columns[3]["code"], "heading": "出口额"},
    ]


def test_a_member_finds_the_overdue_and_the_nearest_first(browser: Browser, cluster, firm):
    kept = FilingForm.objects.create(cluster=cluster, name="季度统计", made_at=clock.now())
    now = clock.now()

    def asked(quarter: str, days: int, state: str = "asked", **closed: object) -> str:
        of = Quarter.read(quarter)
        dates = {"opened_at": now - timedelta(days=99), "due_at": now + timedelta(days=days)}
        period = {"period_from": of.first_day, "period_to": of.last_day, "columns": [], "layout": []}
        opened = Round.objects.create(cluster=cluster, form=kept, **period, **dates, **closed)
        handed_in_at = now if state == "handed_in" else None
        fields = {"state": state, "handed_in_at": handed_in_at}
        Return.objects.create(cluster_id=cluster.pk, round=opened, member=firm, **fields)
        return opened.code

    done = asked("2026Q4", 2, "handed_in")
    later, soon, late = asked("2026Q3", 30), asked("2026Q2", 3, "draft"), asked("2026Q1", -5)
    shut = asked("2025Q4", -50, closed_at=now)
    page = browser(owner_of(firm)).get(f"/m/{firm.code}/filings")
    assert [row.round.code for row, *_rest in page.context["rows"]] == [late, soon, later, done, shut]
    assert [is_late for *_row, is_late in page.context["rows"]] == [True, False, False, False, False]
    assert page.content.decode().count("Overdue") == 1


def test_who_has_not_handed_in_is_listed_in_pages_and_led_to(browser: Browser, cluster, desk, firm):
    for number in range(60):
        make_member(cluster, capacities=(CapacityKind.MAKER,), name=f"作坊{number:02}")
    found = open_round(desk)
    where = f"/m/{firm.code}/filings/{found.code}"
    typed = {"revenue": "1", "tax": "", "staff": "2", "column_4": ""}
    browser(owner_of(firm)).post(where, typed | {"step": "hand_in"})
    assert (
        f"/operator/filings/rounds/{found.code}?state=missing"
        in desk.get("/operator/filings").content.decode()
    )
    asked = found.returns.count()
    page = desk.get(f"/operator/filings/rounds/{found.code}?state=missing")
    assert (page.context["page"].paginator.count, len(page.context["rows"])) == (asked - 1, 50)
    last = desk.get(f"/operator/filings/rounds/{found.code}?state=missing&page=2")
    assert len(last.context["rows"]) == asked - 51
    (row,) = desk.get(f"/operator/filings/rounds/{found.code}?state=handed_in").context["rows"]
    assert row[0].member == firm
    assert (
        f'href="/operator/members/{firm.code}"'
        in desk.get(f"/operator/filings/rounds/{found.code}?state=handed_in").content.decode()
    )


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_pages_of_the_desk_in_both_languages(browser: Browser, cluster, desk, firm, language: str):
    found = open_round(desk)
    runner = browser(User.objects.get(pk=operator(cluster).user_id), language)
    for page in (
        "",
        "/new",
        f"/{found.form.code}",
        f"/rounds/{found.code}",
        f"/rounds/{found.code}?state=asked&q=青禾",
    ):
        assert runner.get(f"/operator/filings{page}").status_code == 200
    for what in ("remind", "close", "reopen"):
        assert runner.post(f"/operator/filings/rounds/{found.code}/step", {"what": what}).status_code == 302
    assert runner.post(f"/operator/filings/rounds/{found.code}/step", {"what": "burn"}).status_code == 404


def test_nobody_else_comes_in(browser: Browser, desk, firm):
    found = open_round(desk)
    addresses = ("/operator/filings", "/operator/filings/new", f"/operator/filings/{found.form.code}")
    addresses += (
        f"/operator/filings/rounds/{found.code}",
        f"/operator/filings/rounds/{found.code}/sheet.xlsx",
    )
    for address in addresses:
        assert browser(owner_of(firm)).get(address).status_code == 404
        assert browser().get(address).status_code == 302
    stranger = make_user()
    assert browser(stranger).get(f"/m/{firm.code}/filings/{found.code}").status_code == 404


def test_the_quarter_offered_is_one_that_was_not_asked_about(cluster, desk, firm):
    today = Quarter.of(clock.local_day(clock.now(), cluster.timezone))
    found = open_round(desk, str(today.before()))
    opening = desk.get(f"/operator/filings/{found.form.code}").context["opening"]
    assert opening.initial["quarter"] == str(today)
    other = FilingForm.objects.create(
        cluster=cluster, name="另一张", columns=found.columns, made_at=clock.now()
    )
    page = desk.get(f"/operator/filings/{other.code}")
    assert page.context["opening"].initial["quarter"] == str(today.before())
