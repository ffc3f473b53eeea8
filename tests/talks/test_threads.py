"""Threads: who may say and read what, when an answer is due, what the shop and the operator see."""

import io
from datetime import timedelta

import pytest
from django.core.files.storage import storages
from django.db import ProgrammingError, connection
from PIL import Image

from tests.talks.scene import DAY, HOUR, START, Scene
from yunju.kernel import clock
from yunju.kernel.errors import Forbidden, Invalid, NotFound, Refused, TooMany
from yunju.talks import queries, tasks
from yunju.talks.actions import threads
from yunju.talks.models import Message, MessagePicture, TalkEvent, Thread

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("db_app")]


@pytest.fixture
def scene() -> Scene:
    return Scene()


def say(scene: Scene, by, words="您好", at=START, **fields) -> Message:
    with clock.at(at):
        return threads.say(order_id=scene.order_id, words=words, by=by, **fields)


def test_an_answer_is_due_24_hours_after_the_first_question_and_is_measured(scene: Scene):
    say(scene, scene.buyer, "什么时候发货？")
    say(scene, scene.buyer, "在吗？", START + HOUR)
    thread = Thread.objects.get(order_id=scene.order_id)
    assert (thread.waiting_since, thread.answer_due_at) == (START, START + DAY)
    answer = say(scene, scene.supplier, "今天发", START + 3 * HOUR)
    assert answer.answered_seconds == 3 * 3600
    thread.refresh_from_db()
    assert (thread.waiting_since, thread.answer_due_at) == (None, None)
    assert say(scene, scene.supplier, "已发", START + 4 * HOUR).answered_seconds is None


def test_the_state_is_waiting_then_late_then_answered(scene: Scene):
    assert queries.view(scene.buyer, scene.order).state == "none"
    say(scene, scene.buyer)
    for at, state in ((START + DAY - timedelta(seconds=1), "waiting"), (START + DAY, "late")):
        with clock.at(at):
            assert queries.view(scene.supplier, scene.order).state == state
    say(scene, scene.supplier, at=START + 2 * DAY)
    assert queries.view(scene.buyer, scene.order).state == "answered"


def test_the_shop_sees_the_state_and_no_word(scene: Scene):
    say(scene, scene.buyer, "我的电话是 13800138000")
    with clock.at(START):
        seen = queries.view(scene.keeper, scene.order)
    assert (seen.state, seen.side, seen.messages, seen.may_join) == ("waiting", "", (), False)


def test_the_operator_reads_after_joining_and_both_sides_see_it(scene: Scene):
    say(scene, scene.buyer, "一直没有发货")
    assert queries.view(scene.operator, scene.order).messages == ()
    with pytest.raises(Refused, match=r"thread\.join_first"):
        say(scene, scene.operator, "我来看看")
    with clock.at(START + HOUR):
        threads.join(order_id=scene.order_id, by=scene.operator)
        threads.join(order_id=scene.order_id, by=scene.operator)
    say(scene, scene.operator, "我来看看", START + HOUR)
    for actor in (scene.buyer, scene.supplier, scene.operator):
        said = [(one.side, one.kind) for one in queries.view(actor, scene.order).messages]
        assert said == [("buyer", "said"), ("operator", "joined"), ("operator", "said")]
    thread = Thread.objects.get(order_id=scene.order_id)
    logged = TalkEvent.objects.filter(noun="thread", noun_id=thread.pk, what="joined")
    assert [one.by_user_id for one in logged] == [scene.operator.user_id]
    assert thread.answer_due_at == START + DAY, "the operator's words are not the supplier's answer"


@pytest.mark.parametrize(
    ("who", "error"),
    [
        ("keeper", NotFound),
        ("other_supplier", NotFound),
        ("somebody", NotFound),
        ("cashier", Forbidden),
    ],
)
def test_whose_the_thread_is_not(scene: Scene, who: str, error: type[Exception]):
    for work in (
        lambda by: threads.say(order_id=scene.order_id, words="x", by=by),
        lambda by: threads.read(order_id=scene.order_id, by=by),
    ):
        with pytest.raises(error):
            work(getattr(scene, who))
    with pytest.raises(Forbidden):
        threads.join(order_id=scene.order_id, by=getattr(scene, who))
    assert not Thread.objects.filter(order_id=scene.order_id).exists()


def test_nobody_speaks_as_another(scene: Scene):
    with pytest.raises(NotFound):
        threads.say(order_id=scene.order_id, words="x", side="buyer", by=scene.somebody)
    with pytest.raises(Forbidden):
        threads.say(order_id=scene.order_id, words="x", side="buyer", by=scene.supplier)


def test_an_unpaid_order_has_no_thread():
    scene = Scene()
    type(scene.order).objects.filter(pk=scene.order_id).update(fulfilment_state="")
    with pytest.raises(Refused, match=r"thread\.not_paid"):
        say(scene, scene.buyer)


def test_pictures_are_rewritten_small_ones_made_and_kept_private(scene: Scene, photo):
    message = say(scene, scene.buyer, "", files=[photo(), photo("red")])
    rows = list(MessagePicture.objects.filter(message=message).order_by("position"))
    assert [row.position for row in rows] == [1, 2]
    with storages["private"].open(rows[0].name) as file:
        kept = Image.open(io.BytesIO(file.read()))
    assert (kept.format, kept.size, dict(kept.getexif())) == ("WEBP", (640, 480), {})
    with storages["private"].open(rows[0].small) as file:
        assert Image.open(io.BytesIO(file.read())).size == (320, 240)


def test_what_is_no_picture_leaves_nothing(scene: Scene, photo):
    with pytest.raises(Invalid, match=r"picture\.unreadable"):
        say(scene, scene.buyer, "看", files=[photo(), io.BytesIO(b"<svg onload=alert(1)>")])
    with pytest.raises(Invalid, match=r"picture\.too_many"):
        say(scene, scene.buyer, "看", files=[photo()] * 7)
    folder = storages["private"].path(f"threads/{scene.order.code}")
    assert not Message.objects.filter(thread__order_id=scene.order_id).exists()
    assert not storages["private"].exists(folder) or storages["private"].listdir(folder) == ([], [])


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("", "input.required"),
        ("  \n ", "input.required"),
        ("长" * 1001, "input.too_long"),
        ("a\u202eb", "input.control_characters"),
    ],
)
def test_words_are_bounded(scene: Scene, words: str, code: str):
    with pytest.raises(Invalid, match=code):
        say(scene, scene.buyer, words)


def test_nobody_floods(scene: Scene):
    for _ in range(threads.MOST_AT_ONCE):
        say(scene, scene.buyer)
    with pytest.raises(TooMany, match=r"thread\.too_fast"):
        say(scene, scene.buyer)
    say(scene, scene.supplier)
    say(scene, scene.buyer, at=START + threads.AT_ONCE)


def test_unread_marks(scene: Scene):
    say(scene, scene.buyer)
    assert queries.view(scene.supplier, scene.order).unread == 1
    threads.read(order_id=scene.order_id, by=scene.supplier)
    assert queries.view(scene.supplier, scene.order).unread == 0
    say(scene, scene.supplier)
    assert queries.unread_orders(scene.buyer, [scene.order]) == {scene.order_id}
    assert queries.unread_orders(scene.keeper, [scene.order]) == set()
    threads.read(order_id=scene.order_id, by=scene.buyer)
    assert queries.unread_orders(scene.buyer, [scene.order]) == set()


def test_waiting_lists_the_late_first_and_only_ones_own(scene: Scene):
    say(scene, scene.buyer)
    with clock.at(START + DAY):
        assert [one.order_id for one in queries.waiting(scene.supplier)] == [scene.order_id]
        assert queries.late_count(scene.supplier) == 1
        assert queries.late_count(scene.operator) == 1
        assert [list(queries.waiting(one)) for one in (scene.other_supplier, scene.buyer, scene.cashier)] == [
            [],
            [],
            [],
        ]
    with clock.at(START):
        assert queries.late_count(scene.supplier) == 0


def test_a_late_supplier_is_reminded_once_a_wait(scene: Scene):
    say(scene, scene.buyer)
    thread = Thread.objects.get(order_id=scene.order_id)
    with clock.at(START + DAY - timedelta(seconds=1)):
        tasks.remind()
    assert not TalkEvent.objects.filter(noun_id=thread.pk, what="late").exists()
    for _ in range(2):
        with clock.at(START + DAY):
            tasks.remind()
    assert TalkEvent.objects.filter(noun_id=thread.pk, what="late").count() == 1
    say(scene, scene.supplier, at=START + 2 * DAY)
    say(scene, scene.buyer, at=START + 2 * DAY)
    with clock.at(START + 3 * DAY):
        tasks.remind()
    assert TalkEvent.objects.filter(noun_id=thread.pk, what="late").count() == 2


def test_the_usual_time_is_a_median_of_five_or_more(scene: Scene):
    supplier_id = scene.market.suppliers[0].pk
    at = START
    for minutes in (10, 20, 30, 40, 600):
        assert queries.usual_minutes(scene.market.cluster.pk, supplier_id) is None
        say(scene, scene.buyer, at=at)
        with clock.at(at):
            say(scene, scene.supplier, at=at + timedelta(minutes=minutes))
        at += DAY
    with clock.at(at):
        assert queries.usual_minutes(scene.market.cluster.pk, supplier_id) == 30
    with clock.at(at + 91 * DAY):
        assert queries.usual_minutes(scene.market.cluster.pk, supplier_id) is None


def test_what_was_said_cannot_be_changed_or_removed(scene: Scene):
    message = say(scene, scene.buyer)
    for statement in (
        "UPDATE talks_message SET words = 'x' WHERE id = %s",
        "DELETE FROM talks_message WHERE id = %s",
        "DELETE FROM talks_talkevent WHERE noun_id = %s",
    ):
        with pytest.raises(ProgrammingError), connection.cursor() as cursor:
            cursor.execute(statement, [message.pk])
    message.refresh_from_db()
    assert message.words == "您好"


def test_no_event_carries_words(scene: Scene):
    say(scene, scene.buyer, "我的电话 13800138000")
    thread = Thread.objects.get(order_id=scene.order_id)
    assert "13800138000" not in str(list(TalkEvent.objects.filter(noun_id=thread.pk).values()))
