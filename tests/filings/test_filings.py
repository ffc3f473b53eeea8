from datetime import datetime, timedelta

import pytest

from tests.factories.members import acts_for, make_cluster, make_member, operator
from yunju.filings import actions, queries, tasks
from yunju.filings.models import FilingEvent, FilingForm, Return, Round
from yunju.filings.words import Quarter
from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Forbidden, Invalid, NotFound, Refused, SignInNeeded
from yunju.members.models import Cluster, Member
from yunju.members.words import CapacityKind, RoleKind
from yunju.notices.models import Notice
from yunju.web.filing_forms import USUAL

Q3 = Quarter(2026, 3)


@pytest.fixture
def cluster(db_app) -> Cluster:
    return make_cluster()


@pytest.fixture
def firm(cluster) -> Member:
    return make_member(cluster, capacities=(CapacityKind.SUPPLIER,), name="青禾陶坊")


def make_form(cluster: Cluster, **fields) -> FilingForm:
    draft = actions.FormDraft(**({"name": "季度统计", "columns": USUAL} | fields))
    return actions.make_form(draft=draft, by=operator(cluster))


def in_days(days: int) -> datetime:
    return clock.now() + timedelta(days=days)


def open_round(cluster: Cluster, form: FilingForm | None = None, quarter: Quarter = Q3, **fields) -> Round:
    form = form or make_form(cluster)
    return actions.open_round(
        form_id=form.pk, quarter=quarter, due_at=in_days(14), by=operator(cluster), **fields
    )


def hand_in(made: Round, member: Member, by: Actor | None = None, **typed: str) -> Return:
    return actions.keep_return(
        round_id=made.pk, member_id=member.pk, typed=typed, hand_in=True, by=by or acts_for(member)
    )


FULL = {"revenue": "1000.50", "tax": "30", "staff": "4"}


def test_a_round_asks_every_admitted_member_and_never_the_operator(cluster, firm):
    make_member(cluster)  # nothing admitted
    closed = make_member(cluster, capacities=(CapacityKind.MAKER,), closed_at=clock.now())
    maker = make_member(cluster, capacities=(CapacityKind.MAKER, CapacityKind.DESIGNER))
    made = open_round(cluster)
    assert set(made.returns.values_list("member_id", flat=True)) == {firm.pk, maker.pk}
    assert closed.pk not in made.returns.values_list("member_id", flat=True)
    only = open_round(cluster, made.form, Quarter(2026, 2), kinds=["maker"])
    assert list(only.returns.values_list("member_id", flat=True)) == [maker.pk]


def test_a_quarter_is_asked_once(cluster, firm):
    made = open_round(cluster)
    with pytest.raises(Refused, match=r"filing\.quarter_asked"):
        open_round(cluster, made.form)
    assert made.form.rounds.count() == 1


def test_nobody_to_ask_is_told_and_nothing_opened(cluster):
    with pytest.raises(Refused, match=r"filing\.nobody_asked"):
        open_round(cluster)
    assert Round.objects.filter(cluster=cluster).count() == 0


def test_what_is_handed_in_is_kept_to_the_cent_and_may_be_corrected(cluster, firm):
    made = open_round(cluster)
    row = hand_in(made, firm, **FULL)
    assert row.values == {"revenue": 100050, "tax": 3000, "staff": 4}
    assert queries.sums(made) == {"revenue": 100050, "tax": 3000, "staff": 4}
    row = hand_in(made, firm, **FULL | {"staff": "5"})
    assert (row.state, row.values["staff"]) == ("handed_in", 5)
    assert FilingEvent.objects.filter(round_id=made.pk, what="return.handed_in").count() == 2


def test_a_draft_is_not_counted(cluster, firm):
    made = open_round(cluster)
    actions.keep_return(
        round_id=made.pk, member_id=firm.pk, typed={"revenue": "7"}, hand_in=False, by=acts_for(firm)
    )
    [row] = queries.rounds(operator(cluster))
    assert (row.asked, row.handed_in, row.missing) == (1, 0, 1)
    assert queries.sums(made)["revenue"] == 0
    assert queries.waiting_count(operator(cluster)) == 1


def test_a_closed_round_takes_nothing_until_it_is_opened_again(cluster, firm):
    made = open_round(cluster)
    actions.close_round(round_id=made.pk, by=operator(cluster))
    with pytest.raises(Refused, match=r"filing\.round_closed"):
        hand_in(made, firm, **FULL)
    assert made.returns.get().state == "asked"
    assert queries.waiting_count(operator(cluster)) == 0
    actions.reopen_round(round_id=made.pk, by=operator(cluster))
    assert hand_in(made, firm, **FULL).state == "handed_in"


def test_an_open_round_keeps_its_columns(cluster, firm):
    made = open_round(cluster)
    draft = actions.FormDraft(
        name="季度统计", columns=[*USUAL, {"name": "专利", "kind": "count", "required": True}]
    )
    form = actions.change_form(form_id=made.form_id, draft=draft, by=operator(cluster))
    assert (form.version, len(form.columns)) == (2, 4)
    made.refresh_from_db()
    assert len(made.columns) == 3
    assert hand_in(made, firm, **FULL).state == "handed_in"
    later = open_round(cluster, form, Quarter(2026, 4))
    with pytest.raises(Invalid, match=r"filing\.column_missing"):
        hand_in(later, firm, **FULL)


def test_a_form_with_an_open_round_is_not_closed(cluster, firm):
    made = open_round(cluster)
    with pytest.raises(Refused, match=r"filing\.round_open"):
        actions.close_form(form_id=made.form_id, by=operator(cluster))
    actions.close_round(round_id=made.pk, by=operator(cluster))
    actions.close_form(form_id=made.form_id, by=operator(cluster))
    assert not queries.forms_visible_to(operator(cluster)).exists()
    assert make_form(cluster).name == "季度统计"


def test_reminders_come_after_three_and_seven_days_to_those_who_are_missing(cluster, firm, time_machine):
    owner = acts_for(firm)
    lazy = make_member(cluster, capacities=(CapacityKind.MAKER,))
    lazy_owner, cashier = acts_for(lazy), acts_for(lazy, RoleKind.CASHIER)
    begin = clock.now()
    time_machine.move_to(begin, tick=False)
    made = open_round(cluster)
    hand_in(made, firm, owner, **FULL)
    told = Notice.objects.filter(cluster_id=cluster.pk, code="filing.due")
    for days, sent in ((2.9, 0), (3, 1), (3.1, 1), (6.9, 1), (7, 2), (20, 2)):
        time_machine.move_to(begin + timedelta(days=days), tick=False)
        tasks.remind(limit=10_000)
        assert made.returns.get(member=lazy).reminded == {0: 0, 1: 3, 2: 7}[sent]
        assert sum(told.values_list("count", flat=True)) == sent
    assert set(told.values_list("user_id", flat=True)) == {lazy_owner.user_id}
    assert cashier.user_id not in told.values_list("user_id", flat=True)
    assert told.first().link == f"/m/{lazy.code}/filings/{made.code}"


def test_by_hand_nobody_is_reminded_twice_a_day(cluster, firm):
    acts_for(firm)
    made = open_round(cluster)
    by = operator(cluster)
    assert [actions.remind(round_id=made.pk, by=by) for _ in range(2)] == [1, 0]


def test_one_that_came_later_is_asked_by_hand(cluster, firm):
    made = open_round(cluster)
    late = make_member(cluster)
    for _ in range(2):
        actions.ask_member(round_id=made.pk, member_id=late.pk, by=operator(cluster))
    assert made.returns.count() == 2
    foreign = make_member(make_cluster())
    with pytest.raises(NotFound):
        actions.ask_member(round_id=made.pk, member_id=foreign.pk, by=operator(cluster))


def test_the_quarter_before_is_shown_only_when_it_was_handed_in(cluster, firm):
    made = open_round(cluster, quarter=Quarter(2026, 2))
    hand_in(made, firm, **FULL)
    row = open_round(cluster, made.form).returns.select_related("round").get(member=firm)
    assert queries.before(row) == {"revenue": 100050, "tax": 3000, "staff": 4}
    actions.keep_return(round_id=made.pk, member_id=firm.pk, typed={}, hand_in=False, by=acts_for(firm))
    assert queries.before(row) == {}


@pytest.mark.parametrize(
    ("role", "allowed"),
    [(RoleKind.OWNER, True), (RoleKind.MANAGER, True), (RoleKind.STAFF, False), (RoleKind.CASHIER, False)],
)
def test_who_of_a_member_hands_in(cluster, firm, role: RoleKind, allowed: bool):
    made = open_round(cluster)
    if allowed:
        assert hand_in(made, firm, acts_for(firm, role), **FULL).state == "handed_in"
        return
    with pytest.raises(Forbidden):
        hand_in(made, firm, acts_for(firm, role), **FULL)
    assert made.returns.get(member=firm).values == {}


def test_strangers_find_nothing(cluster, firm):
    made = open_round(cluster)
    stranger = acts_for(make_member(cluster, capacities=(CapacityKind.SUPPLIER,)))
    foreign = operator(make_cluster())
    for by in (stranger, foreign):
        with pytest.raises((NotFound, Forbidden)):
            hand_in(made, firm, by, **FULL)
        assert not queries.returns_visible_to(by).filter(member=firm).exists()
    with pytest.raises(SignInNeeded):
        hand_in(made, firm, Actor(cluster_id=cluster.pk), **FULL)
    assert made.returns.get(member=firm).state == "asked"


@pytest.mark.parametrize("kind", [RoleKind.STAFF, RoleKind.CASHIER, RoleKind.AUDITOR])
def test_who_of_the_operator_asks(cluster, firm, kind: RoleKind):
    form = make_form(cluster)
    with pytest.raises(Forbidden):
        actions.open_round(form_id=form.pk, quarter=Q3, due_at=in_days(3), by=operator(cluster, kind))
    assert not form.rounds.exists()
    assert queries.rounds(operator(cluster, kind)) == []
    with pytest.raises(NotFound):
        actions.open_round(form_id=form.pk, quarter=Q3, due_at=in_days(3), by=operator(make_cluster()))
