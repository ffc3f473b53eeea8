"""Each count of the operator's first page opens a list of as many, and the list says what can be done."""

import pytest
from django.utils import translation

from tests.factories.members import make_member, operator, owner_of
from tests.factories.payments import make_payee
from tests.web.conftest import Browser
from tests.web.market import make_market, make_paid, place, put_in_cart
from yunju.insight import todo
from yunju.kernel import clock
from yunju.members.models import Capacity, MemberEvent, User
from yunju.members.words import CapacityKind, RoleKind
from yunju.notices import preferences
from yunju.payments.models import PayoutAsk, PayoutRun
from yunju.web.templatetags.operating import called


@pytest.fixture
def desk(browser: Browser, cluster):
    return browser(User.objects.get(pk=operator(cluster).user_id))


def run(cluster, state: str) -> PayoutRun:
    return PayoutRun.objects.create(
        cluster=cluster,
        number=f"P-{state}-{cluster.pk}",
        currency="CNY",
        state=state,
        gateway="simulated",
        total_minor=100,
        count=1,
        made_at=clock.now(),
    )


def waiting(cluster, code: str) -> todo.Waiting:
    (found,) = (one for one in todo.today(operator(cluster)) if one.entry.code == code)
    return found


def opened(desk, found: todo.Waiting):
    address = {"payouts": "/operator/payouts", "admissions": "/operator/admissions"}[found.entry.page]
    return desk.get(address, found.entry.query)


def test_runs_are_listed_by_what_they_wait_for(cluster, desk):
    made, approved, done = (run(cluster, state) for state in ("made", "approved", "done"))
    for code, wanted in (("runs_to_approve", made), ("runs_at_bank", approved)):
        found = waiting(cluster, code)
        assert found.count == 1
        assert list(opened(desk, found).context["page"]) == [wanted]
    assert list(desk.get("/operator/payouts?view=nonsense").context["page"]) == [done, approved, made]


def test_who_asked_to_be_paid_is_named_with_what_is_in_the_way(cluster, desk):
    member = make_member(cluster, name="没有资料的作坊")
    PayoutAsk.objects.create(cluster_id=cluster.pk, member=member, asked_at=clock.now())
    found = waiting(cluster, "payouts_asked")
    page = opened(desk, found)
    assert [ask.member for ask, _can, _cannot in page.context["asks"]] == [member]
    assert 'value="yes" checked' in page.content.decode()


def test_who_closed_asks_no_more(cluster, desk):
    member = make_member(cluster, name="已关闭的作坊")
    Capacity.objects.create(member=member, kind=CapacityKind.MAKER, asked_at=clock.now())
    found = waiting(cluster, "applications")
    assert [one.member for one, _missing, _blocked in opened(desk, found).context["rows"]] == [member]
    member.closed_at = clock.now()
    member.save()
    found = waiting(cluster, "applications")
    assert (found.count, opened(desk, found).context["rows"]) == (0, [])


def test_the_hours_in_which_word_waits_are_set_on_the_page_and_on_record(browser: Browser, cluster, desk):
    assert preferences.hours_of(cluster) == (22, 8)
    assert (
        desk.post("/operator/papers?form=quiet", {"quiet_from": "21", "quiet_until": "24"}).status_code == 422
    )
    assert preferences.hours_of(cluster) == (22, 8)
    answer = desk.post("/operator/papers?form=quiet", {"quiet_from": "21", "quiet_until": "7"})
    assert answer["Location"] == "/operator/papers"
    assert preferences.hours_of(cluster) == (21, 7)
    (event,) = MemberEvent.objects.filter(cluster_id=cluster.pk, what="notices.quiet_set")
    assert event.params == {"begin": 21, "end": 7}
    manager = browser(User.objects.get(pk=operator(cluster, RoleKind.MANAGER).user_id))
    hours = {"quiet_from": "1", "quiet_until": "2"}
    assert manager.post("/operator/papers?form=quiet", hours).status_code == 403
    assert (
        browser(owner_of(make_member(cluster))).post("/operator/papers?form=quiet", hours).status_code == 404
    )
    assert preferences.hours_of(cluster) == (21, 7)


def test_what_only_the_operator_can_give_is_no_bar_to_admitting(cluster, desk):
    home = {"province": "浙江省", "city": "杭州市", "gateway_merchant": ""}
    for name, phone in (("齐全的作坊", "13800138000"), ("缺电话的作坊", "")):
        member = make_member(cluster, name=name, phone=phone, **home)
        Capacity.objects.create(member=member, kind=CapacityKind.SUPPLIER, asked_at=clock.now())
        make_payee(member)
    page = desk.get("/operator/admissions")
    found = {one.member.name: (lacking, blocked) for one, lacking, blocked in page.context["rows"]}
    assert found == {
        "齐全的作坊": (["members.missing_merchant"], False),
        "缺电话的作坊": (["members.missing_phone", "members.missing_merchant"], True),
    }
    assert page.content.decode().count('value="admit"') == 1


def test_a_question_without_an_answer_is_listed_with_its_words(browser: Browser, cluster, desk):
    market, client = make_market(cluster), browser()
    put_in_cart(client, market.offers[0])
    order = make_paid(place(client))[0]
    for words in ("Where is it?", "Anybody there?"):
        client.post(f"/orders/{order.code}/talk", {"words": words, "side": "buyer"})
    found = desk.get("/operator/threads")
    assert [(one.number, words) for _thread, one, _name, words in found.context["rows"]] == [
        (order.number, "Anybody there?")
    ]
    assert "Anybody there?" in found.content.decode()


def test_the_markets_own_name_is_in_the_readers_language(cluster):
    assert called("Somebody else", cluster) == "Somebody else"
    with translation.override("en"):
        assert called(cluster.name_zh, cluster) == cluster.name_en
    with translation.override("zh-hans"):
        assert called(cluster.name_zh, cluster) == cluster.name_zh
