"""From what happens to orders and cases to whoever is told: through the outbox, once."""

from datetime import timedelta

import pytest

from tests.factories.members import make_user
from tests.orders.test_cases import START, Scene
from yunju.config import telling
from yunju.fulfilment.contract import Who
from yunju.kernel import clock, outbox
from yunju.members.queries import actor_for
from yunju.notices import queries
from yunju.orders.actions import cases
from yunju.orders.actions.cases import Answer
from yunju.orders.models import Purchase

pytestmark = pytest.mark.usefixtures("db_app")


def drained() -> None:
    while outbox.drain():
        pass


def told(actor) -> list[tuple[str, int]]:
    return sorted(queries.visible_to(actor).values_list("code", "count"))


def test_a_paid_order_is_told_to_its_supplier_alone():
    scene = Scene()
    with clock.at(START):
        drained()
    assert told(scene.supplier) == [("order.new", 1)]
    assert told(scene.buyer) == told(scene.operator) == []
    notice = queries.visible_to(scene.supplier).get()
    assert notice.link == f"/m/{scene.market.suppliers[0].code}/orders"


def test_a_case_is_told_to_whoever_did_not_move_it():
    scene = Scene()
    scene.buyer = actor_for(make_user(), scene.market.cluster)
    Purchase.objects.filter(pk=scene.order.purchase_id).update(user_id=scene.buyer.user_id)
    case = scene.open()
    with clock.at(START):
        drained()
    assert ("case.asked", 1) in told(scene.supplier)
    assert told(scene.buyer) == []
    with clock.at(START + timedelta(hours=1)):
        cases.answer_case(
            case_id=case.pk, answer=Answer("refuse", words="no"), who=Who.SUPPLIER, by=scene.supplier
        )
        drained()
    assert told(scene.buyer) == [("case.answered", 1)]
    with clock.at(START + timedelta(hours=2)):
        cases.answer_case(case_id=case.pk, answer=Answer("escalate"), who=Who.BUYER, by=scene.buyer)
        drained()
    assert told(scene.operator) == [("case.disputed", 1)]
    assert told(scene.buyer) == [("case.answered", 1)]


def test_a_deadline_is_told_once_a_day_before():
    scene = Scene()
    scene.open()
    with clock.at(START + timedelta(hours=23)):
        telling.tell_deadlines()
    assert told(scene.supplier) == []
    for hours in (24, 25, 47):
        with clock.at(START + timedelta(hours=hours, minutes=1)):
            telling.tell_deadlines()
    assert told(scene.supplier) == [("case.deadline", 1)]
    notice = queries.visible_to(scene.supplier).get()
    assert notice.params["number"] == scene.order.number
    assert notice.params["due_at"] == (START + timedelta(hours=48)).isoformat()


def test_an_answered_case_has_no_deadline():
    scene = Scene()
    case = scene.open()
    with clock.at(START + timedelta(hours=1)):
        cases.answer_case(case_id=case.pk, answer=Answer("agree"), who=Who.SUPPLIER, by=scene.supplier)
    with clock.at(START + timedelta(hours=40)):
        telling.tell_deadlines()
    assert "case.deadline" not in dict(told(scene.supplier))
