"""The thread of an order: say, read, join.

An answer is due 24 hours after the buyer's first message that has none. Nothing said is changed or taken away.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import BinaryIO

from yunju.kernel import clock, locks, pictures
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid, Refused, TooMany
from yunju.kernel.pictures import Kept
from yunju.members import inputs
from yunju.orders import policy as order_policy
from yunju.orders.models import Order
from yunju.talks import policy, telling
from yunju.talks.actions.steps import note, order_of
from yunju.talks.models import Message, MessagePicture, Thread

ANSWER_WITHIN = timedelta(hours=24)
MOST_WORDS, MOST_PICTURES, MOST_MESSAGES = 1_000, 6, 500
MOST_AT_ONCE, AT_ONCE = 20, timedelta(minutes=10)


def say(*, order_id: int, words: str, files: Sequence[BinaryIO] = (), side: str = "", by: Actor) -> Message:
    """One more message, as the side that the actor is (`side` where somebody is more than one).

    Raises NotFound, Forbidden, Invalid at `words` and `pictures`, Refused (`thread.not_paid`, `thread.full`,
    `thread.join_first`), TooMany.
    """
    order = order_of(by, order_id)
    speaks = policy.require_side(by, order_policy.parties_of(order), side)
    said = inputs.text(words, field="words", most=MOST_WORDS, least=0, lines=True)
    if not said and not files:
        raise Invalid("input.required", field="words")
    supplier_id = _supplier(order)
    with pictures.kept(files, folder=f"threads/{order.code}", most=MOST_PICTURES) as kept:
        return locks.with_retries(lambda: _say((order, supplier_id), speaks, said, kept, by))


def _say(whose: tuple[Order, int], side: str, words: str, kept: Sequence[Kept], by: Actor) -> Message:
    (order, supplier_id), now = whose, clock.now()
    with locks.transaction_with_timeout(locks.ALONE_MS):
        thread = _locked(order, supplier_id, now)
        if side == "operator" and thread.operator_joined_at is None:
            raise Refused("thread.join_first")
        _bounded(thread, side, now)
        waited = _waited(thread, now) if side == "supplier" else None
        message = Message.objects.create(
            cluster_id=order.cluster_id,
            thread=thread,
            supplier_id=thread.supplier_id,
            side=side,
            by_user_id=by.user_id,
            words=words,
            answered_seconds=waited,
            at=now,
        )
        MessagePicture.objects.bulk_create(
            [
                MessagePicture(message=message, position=place, name=one.name, small=one.small)
                for place, one in enumerate(kept, start=1)
            ]
        )
        _move(thread, side, message, now)
        if side != "supplier":
            telling.supplier(order, "thread.asked", by)
        if side != "buyer":
            telling.buyer(order, "thread.answered", by)
        note(by, "thread", thread.pk, "said", side=side, message=message.pk, pictures=len(kept))
        return message


def _supplier(order: Order) -> int:
    """There is somebody to talk to once the order is paid and somebody owes it."""
    if not order.fulfilment_state or order.supplier_id is None:
        raise Refused("thread.not_paid")
    return order.supplier_id


def _locked(order: Order, supplier_id: int, now: datetime) -> Thread:
    """The order's thread, made when there is none, locked."""
    Thread.objects.get_or_create(
        order_id=order.pk,
        defaults={
            "cluster_id": order.cluster_id,
            "supplier_id": supplier_id,
            "opened_at": now,
            "last_at": now,
        },
    )
    return Thread.objects.select_for_update().get(order_id=order.pk)


def _bounded(thread: Thread, side: str, now: datetime) -> None:
    """Nobody floods the other side, and a thread stays something that a page can show."""
    if thread.messages.count() >= MOST_MESSAGES:
        raise Refused("thread.full", limit=MOST_MESSAGES)
    if thread.messages.filter(side=side, at__gt=now - AT_ONCE).count() >= MOST_AT_ONCE:
        raise TooMany("thread.too_fast")


def _waited(thread: Thread, now: datetime) -> int | None:
    return int((now - thread.waiting_since).total_seconds()) if thread.waiting_since else None


def _move(thread: Thread, side: str, message: Message, now: datetime) -> None:
    """Who waits for whom now, and what the speaker has seen."""
    thread.last_at = now
    if side == "buyer":
        thread.read_by_buyer_id = message.pk
        if thread.waiting_since is None:
            thread.waiting_since, thread.answer_due_at = now, now + ANSWER_WITHIN
    elif side == "supplier":
        thread.read_by_supplier_id = message.pk
        thread.waiting_since = thread.answer_due_at = thread.reminded_at = None
    thread.save()


def read(*, order_id: int, side: str = "", by: Actor) -> None:
    """The side has seen all that was said. The operator leaves no mark. Raises NotFound, Forbidden."""
    order = order_of(by, order_id)
    reads = policy.require_side(by, order_policy.parties_of(order), side)
    field = {"buyer": "read_by_buyer_id", "supplier": "read_by_supplier_id"}.get(reads)
    newest = (
        Message.objects.filter(cluster_id=by.cluster_id, thread__order_id=order_id).order_by("-id").first()
    )
    if field and newest is not None:
        Thread.objects.filter(pk=newest.thread_id, **{f"{field}__lt": newest.pk}).update(**{field: newest.pk})


def join(*, order_id: int, by: Actor) -> Thread:
    """The operator joins: both sides see it, and it is logged. Twice is once. Raises NotFound, Forbidden, Refused."""
    order = order_of(by, order_id)
    policy.require_operator(by)
    supplier_id = _supplier(order)
    now = clock.now()
    with locks.transaction_with_timeout(locks.ALONE_MS):
        thread = _locked(order, supplier_id, now)
        if thread.operator_joined_at is None:
            thread.operator_joined_at = thread.last_at = now
            thread.save(update_fields=["operator_joined_at", "last_at"])
            Message.objects.create(
                cluster_id=order.cluster_id,
                thread=thread,
                supplier_id=thread.supplier_id,
                side="operator",
                kind="joined",
                by_user_id=by.user_id,
                at=now,
            )
            telling.supplier(order, "thread.joined", by)
            telling.buyer(order, "thread.joined", by)
            note(by, "thread", thread.pk, "joined")
        return thread
