"""Members come in from a list: heads under many names, faults by row, making, inviting, joining once by one's own phone."""

import io
import re
from datetime import timedelta

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from python_calamine import CalamineWorkbook

from tests.factories.members import acts_for, make_cluster, make_member, make_user, operator
from tests.web.conftest import Browser
from tests.web.entrances import quiet_phones, texted, told_and_sent
from yunju.kernel import clock
from yunju.kernel.errors import Forbidden, NotFound
from yunju.members.actions import invitations
from yunju.members.identity import credit_check
from yunju.members.models import Capacity, Invitation, Member, MemberImport, Role, User
from yunju.members.words import RoleKind
from yunju.notices.models import Delivery, ShownText

HEADS = ["企业名称", "统一社会信用代码 ", "联系人*", "业态", "联系电话"]


@pytest.fixture(autouse=True)
def phones(db_app, settings, tmp_path):
    settings.YUNJU_HOME = tmp_path
    quiet_phones()


def credit(number: int) -> str:
    body = f"91340202MADEM{number:04}"
    return body + credit_check(body)


def number(n: int) -> str:
    return f"136{Invitation.objects.count() * 1000 + n:08}"


def firms(count: int) -> list[list[str]]:
    return [[f"云创第{n}公司", credit(n), f"联系{n}", "陶艺", number(n)] for n in range(count)]


def workbook(rows: list[list[str]], heads=HEADS) -> SimpleUploadedFile:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        for place, row in enumerate([heads, *rows]):
            sheet.write_row(place, 0, row)
    return SimpleUploadedFile("名单.xlsx", buffer.getvalue())


def owner(browser: Browser, cluster):
    return browser(User.objects.get(pk=operator(cluster).user_id))


def uploaded(client, file, capacity="supplier") -> str:
    answer = client.post("/operator/lists/new", {"file": file, "capacity": capacity})
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    return answer["Location"]


def taken(client, rows) -> None:
    assert client.post(uploaded(client, workbook(rows)))["Location"] == "/operator/invitations"


def link_of(phone: str, cluster) -> str:
    """What the text to a number leads to."""
    told_and_sent()
    words = ShownText.objects.filter(cluster_id=cluster.pk, phone__endswith=phone[-4:]).latest("id").words
    return re.search(r"(/i/\S+)$", words)[1]


def join(client, link: str, cluster):
    client.post(link, {})
    return client.post(link, {"code": texted(cluster)})


def test_a_list_is_looked_through_taken_invited_and_joined(browser: Browser, cluster):
    client, rows = owner(browser, cluster), firms(3)
    place = uploaded(client, workbook(rows))
    assert client.get(place).context["list"].count == 3
    assert not Member.objects.filter(cluster=cluster, name=rows[0][0]).exists(), "nothing is made yet"
    assert client.post(place)["Location"] == "/operator/invitations"
    members = Member.objects.filter(cluster=cluster, name__startswith="云创第").order_by("id")
    assert [(one.name, one.story) for one in members] == [(row[0], "陶艺") for row in rows]
    assert set(Capacity.objects.filter(member__in=members).values_list("kind", "admitted_at")) == {
        ("supplier", None)
    }
    assert Invitation.objects.get(member=members[0]).credit_code == rows[0][1]
    client.post("/operator/invitations/step", {"way": "sms"})
    assert {one.state for one in client.get("/operator/invitations").context["page"]} == {"sent"}
    link = link_of(rows[0][4], cluster)
    guest = browser()
    page = guest.get(link)
    assert (rows[0][0] in page.content.decode(), rows[0][4] in page.content.decode()) == (True, False)
    assert page["Referrer-Policy"] == "no-referrer"
    assert join(guest, link, cluster)["Location"] == "/work"
    assert rows[0][0] in guest.get("/work").content.decode()
    role = Role.objects.get(member=members[0])
    assert (role.kind, role.user.phone, role.user.name) == ("owner", f"+86{rows[0][4]}", "联系0")
    states = client.get("/operator/invitations").context["states"]
    assert states == {"joined": 1, "sent": 2}


def test_a_link_is_used_once(browser: Browser, cluster):
    client, rows = owner(browser, cluster), firms(1)
    taken(client, rows)
    client.post("/operator/invitations/step", {"way": "sms"})
    link = link_of(rows[0][4], cluster)
    join(browser(), link, cluster)
    assert browser().get(link).status_code == 409
    assert Role.objects.filter(member__name=rows[0][0], member__cluster=cluster).count() == 1


def test_a_wrong_code_joins_nobody(browser: Browser, cluster):
    client, rows = owner(browser, cluster), firms(1)
    taken(client, rows)
    client.post("/operator/invitations/step", {"way": "sms"})
    link, guest = link_of(rows[0][4], cluster), browser()
    guest.post(link, {})
    right = texted(cluster)
    assert guest.post(link, {"code": f"{(int(right) + 1) % 10**6:06}"}).status_code == 422
    assert not Role.objects.filter(member__name=rows[0][0], member__cluster=cluster).exists()
    assert browser().post(link, {"code": right}).status_code == 422, "another browser has not asked"


def test_faults_are_told_by_row_and_the_rest_can_be_taken(browser: Browser, cluster):
    make_member(cluster, name="已有的公司")
    rows = firms(5)
    rows[1][1] = "91340202MADEM0001X"
    rows[2][4] = "12345"
    rows[2][2] = ""
    rows[3][4] = rows[0][4]
    rows[4][0] = "已有的公司"
    client = owner(browser, cluster)
    place = uploaded(client, workbook(rows))
    kept = client.get(place).context["list"]
    assert (kept.count, kept.faults) == (1, 4)
    assert [(one["row"], one["field"], one["code"]) for one in kept.rows] == [
        (3, "credit_code", "members.licence_form"),
        (4, "contact", "input.required"),
        (4, "phone", "members.phone_form"),
        (5, "phone", "members.list_twice"),
        (6, "firm", "members.list_known"),
    ]
    page = client.get(place).content.decode()
    assert "Stands in row 2 too." in page
    assert "Something is not possible" not in page
    client.post(place)
    assert Member.objects.filter(cluster=cluster, name__startswith="云创第").count() == 1


def test_a_list_is_taken_once_and_the_same_list_again_makes_nobody_twice(browser: Browser, cluster):
    client, rows = owner(browser, cluster), firms(2)
    place = uploaded(client, workbook(rows))
    second = uploaded(client, workbook(rows))
    client.post(place)
    client.post(place)
    client.post(second)
    assert Member.objects.filter(cluster=cluster, name__startswith="云创第").count() == 2
    third = client.get(uploaded(client, workbook(rows))).context["list"]
    assert (third.count, third.faults) == (0, 2)


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "empty"), (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, ""), ("电话,姓名\n1,2\n".encode(), "单位名称"),
     ("单位名称,联系人,手机号\n".encode(), "no rows")],
)  # fmt: skip
def test_what_is_no_list_is_refused_at_the_field(browser: Browser, cluster, content, words):
    client = owner(browser, cluster)
    file = SimpleUploadedFile("x.csv", content)
    answer = client.post("/operator/lists/new", {"file": file, "capacity": "supplier"})
    assert answer.status_code == 422
    assert words in str(answer.context["form"].errors["file"])
    assert not MemberImport.objects.filter(cluster_id=cluster.pk).exists()


def test_a_table_in_gbk_is_read(browser: Browser, cluster):
    text = f"公司名称,联系人,手机\n第一陶社,王芳,{number(1)}\n"
    client = owner(browser, cluster)
    place = uploaded(client, SimpleUploadedFile("x.csv", text.encode("gbk")))
    assert client.get(place).context["list"].count == 1


def test_the_empty_list_has_heads_that_are_understood(browser: Browser, cluster):
    client = owner(browser, cluster)
    empty = b"".join(client.get("/operator/lists/template.xlsx"))
    answer = client.post(
        "/operator/lists/new", {"file": SimpleUploadedFile("a.xlsx", empty), "capacity": "supplier"}
    )
    assert "no rows" in str(answer.context["form"].errors["file"])


def test_a_new_link_kills_the_old_one_and_a_revoked_one_is_dead(browser: Browser, cluster):
    client, rows = owner(browser, cluster), firms(1)
    taken(client, rows)
    client.post("/operator/invitations/step", {"way": "sms"})
    first = link_of(rows[0][4], cluster)
    code = Invitation.objects.get(member__name=rows[0][0], cluster_id=cluster.pk).code
    client.post("/operator/invitations/step", {"way": "sms", "code": code})
    second = link_of(rows[0][4], cluster)
    assert first != second
    assert (browser().get(first).status_code, browser().get(second).status_code) == (409, 200)
    client.post("/operator/invitations/step", {"way": "revoke", "code": code})
    assert browser().get(second).status_code == 409
    with clock.at(clock.now() + timedelta(days=14, minutes=1)):
        client.post("/operator/invitations/step", {"way": "sms", "code": code})
        assert browser().get(link_of(rows[0][4], cluster)).status_code == 200
    assert browser().get("/i/" + "A" * 40).status_code == 409


def test_a_link_is_over_after_fourteen_days(browser: Browser, cluster):
    client, rows = owner(browser, cluster), firms(1)
    taken(client, rows)
    client.post("/operator/invitations/step", {"way": "sms"})
    link = link_of(rows[0][4], cluster)
    with clock.at(clock.now() + timedelta(days=14)):
        assert browser().get(link).status_code == 409


def test_cards_are_printed_with_a_code_that_opens(browser: Browser, cluster):
    client, rows = owner(browser, cluster), firms(2)
    taken(client, rows)
    sheet = client.post("/operator/invitations/step", {"way": "card"})["Location"]
    page = client.get(sheet)
    assert [one["invitation"].member.name for one in page.context["cards"]] == [row[0] for row in rows]
    assert page.content.decode().count("<svg") >= 2
    path = "/" + page.context["cards"][0]["address"].split("/", 3)[3]
    assert join(browser(), path, cluster)["Location"] == "/work"
    assert not Delivery.objects.filter(cluster_id=cluster.pk, code="sms.invitation").exists()


def test_only_who_admits_lists_invites_or_sees(browser: Browser, cluster):
    client, rows = owner(browser, cluster), firms(1)
    taken(client, rows)
    one = Invitation.objects.get(cluster_id=cluster.pk)
    staff = operator(cluster, RoleKind.STAFF)
    supplier = acts_for(make_member(cluster))
    for actor, error in (
        (staff, Forbidden),
        (supplier, Forbidden),
        (operator(make_cluster()), NotFound),
    ):
        for forbidden in (
            lambda actor=actor: invitations.renew(code=one.code, way="sms", by=actor),
            lambda actor=actor: invitations.revoke(code=one.code, by=actor),
            lambda actor=actor: invitations.take_list(code="x", by=actor),
        ):
            with pytest.raises(error):
                forbidden()
    for path in (
        "/operator/invitations",
        "/operator/lists/new",
        "/operator/invitations/cards",
        "/operator/lists/template.xlsx",
    ):
        assert browser(make_user()).get(path).status_code == 404
        assert browser(User.objects.get(pk=staff.user_id)).get(path).status_code == 403
    one.refresh_from_db()
    assert (one.sent_at, one.revoked_at) == (None, None)


def sheet_of(answer) -> list[list[str]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    return [[str(cell) for cell in row] for row in book.get_sheet_by_index(0).to_python()]


def test_a_list_goes_back_with_its_faults_and_is_taken_when_they_are_mended(browser: Browser, cluster):
    client, good = owner(browser, cluster), firms(2)
    wrong = ["云创第三公司", "91340202MADEM000Z", "", "木作", "1391"]
    place = uploaded(client, workbook([good[0], wrong, good[1]]))
    assert f"{place}/mend" in client.get(place).content.decode()
    head, first, faulty, last = sheet_of(client.get(f"{place}/mend"))
    assert (head, first, last) == ([*HEADS, "Errors"], [*good[0], ""], [*good[1], ""])
    assert faulty[:5] == wrong
    assert all(f"{column}: " in faulty[5] for column in ("Credit code", "Contact", "Phone"))
    client.post(place)
    assert set(
        Member.objects.filter(cluster_id=cluster.pk, name__startswith="云创").values_list("name", flat=True)
    ) == {
        good[0][0],
        good[1][0],
    }
    left = sheet_of(client.get(f"{place}/mend"))
    assert [row[0] for row in left] == [HEADS[0], wrong[0]]  # who is made is not handed back
    mended = ["云创第三公司", credit(7), "联系三", "木作", number(77)]
    again = uploaded(client, workbook([mended], heads=left[0][:5]))
    client.post(again)
    assert Member.objects.filter(cluster_id=cluster.pk, name="云创第三公司").count() == 1
    assert "/mend" not in client.get(again).content.decode()


def test_a_list_goes_back_to_who_admits_alone_and_for_a_day(browser: Browser, cluster):
    client = owner(browser, cluster)
    place = uploaded(client, workbook([*firms(1), ["无名", "", "", "", "1"]]))
    staff = browser(User.objects.get(pk=operator(cluster, RoleKind.STAFF).user_id))
    assert staff.get(f"{place}/mend").status_code == 403
    assert browser(make_user()).get(f"{place}/mend").status_code == 404
    assert owner(browser, make_cluster()).get(f"{place}/mend").status_code == 404
    with clock.at(clock.now() + timedelta(days=1, minutes=1)):
        assert client.get(f"{place}/mend")["Location"] == place


def test_what_nobody_took_is_forgotten_after_a_day(browser: Browser, cluster):
    client = owner(browser, cluster)
    place = uploaded(client, workbook(firms(1)))
    with clock.at(clock.now() + timedelta(days=1, minutes=1)):
        invitations.forget_lists()
        assert "no longer kept" in client.post(place, follow=True).content.decode()
    assert bytes(MemberImport.objects.get(cluster_id=cluster.pk).rows_cipher) == b""
