"""Reviews: written after receipt, once a line; changed for 30 days; answered once; hidden only for a reason in law."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import BinaryIO

from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from yunju.kernel import clock, ids, locks, pictures
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Forbidden, Invalid, NotFound, Refused
from yunju.kernel.pictures import Kept
from yunju.members import inputs, wording
from yunju.members.words import Permission
from yunju.orders import policy as order_policy
from yunju.orders.flow.policy import may_see
from yunju.orders.models import Contact, Line, Order
from yunju.talks import policy, telling
from yunju.talks.actions.steps import note, order_of
from yunju.talks.models import Review, ReviewPicture

MOST_WORDS, MOST_PICTURES, MOST_ANSWER = 1_000, 6, 500
CHANGED_WITHIN = timedelta(days=30)
WRITTEN_WITHIN = timedelta(days=180)
HIDDEN_FOR = ("unlawful", "personal_data", "insult", "advertising")
"""Grounds in law on which the operator may hide a review. That it is bad is none."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a reviewer gives."""

    stars: int
    words: str = ""
    files: Sequence[BinaryIO] = ()


def write(*, line_id: int, draft: Draft, by: Actor) -> Review:
    """A review of one line, once.

    Raises NotFound, Forbidden (`review.own_goods`), Invalid at `stars`, `words`, `pictures`, Refused
    (`review.not_received`, `review.too_late`, `review.once`).
    """
    stars, words = _checked(draft)
    line, order, (offer_id, supplier_id) = _line(line_id, by)
    if by.user_id is not None and supplier_id in by.grants:
        raise Forbidden("review.own_goods")
    if order.received_at is None or order.fulfilment_state != "received":
        raise Refused("review.not_received")
    if clock.now() > order.received_at + WRITTEN_WITHIN:
        raise Refused("review.too_late", days=WRITTEN_WITHIN.days)
    if Review.objects.filter(line_id=line.pk).exists():
        raise Refused("review.once")
    with _stored(draft.files) as kept, transaction.atomic():
        try:
            with transaction.atomic():
                review = Review.objects.create(
                    cluster_id=by.cluster_id,
                    code=ids.public_code(),
                    order_id=order.pk,
                    line_id=line.pk,
                    offer_id=offer_id,
                    supplier_id=supplier_id,
                    variant_title=line.variant_title,
                    stars=stars,
                    words=words,
                    author=masked(_name(order)),
                    by_user_id=by.user_id,
                    at=clock.now(),
                )
        except IntegrityError as error:
            raise Refused("review.once") from error
        _show(review, kept)
        telling.supplier(order, "review.written", by, stars=stars)
        note(by, "review", review.pk, "written", stars=stars)
        return review


def edit(*, code: str, draft: Draft, by: Actor) -> Review:
    """Another opinion within 30 days; new pictures replace the old ones, none keeps them. Raises as `write` does."""
    stars, words = _checked(draft)
    found = _own(code, by)
    if clock.now() > found.at + CHANGED_WITHIN:
        raise Refused("review.fixed", days=CHANGED_WITHIN.days)
    with _stored(draft.files) as kept, locks.transaction_with_timeout(locks.ALONE_MS):
        review = Review.objects.select_for_update().get(pk=found.pk)
        before = review.stars
        review.stars, review.words, review.edited_at = stars, words, clock.now()
        review.save(update_fields=["stars", "words", "edited_at"])
        if kept:
            _take_down(review)
            _show(review, kept)
        note(by, "review", review.pk, "edited", before=before, stars=stars)
        return review


def answer(*, code: str, words: str, by: Actor) -> Review:
    """What the supplier says to it, once, in public. Raises NotFound, Forbidden, Invalid at `words`, Refused."""
    found = Review.objects.filter(cluster_id=by.cluster_id, code=code).first()
    if found is None:
        raise NotFound("review.unknown")
    policy.require_service(by, found.supplier_id, Permission.CASE_ANSWER)
    said = inputs.text(words, field="words", most=MOST_ANSWER, lines=True)
    wording.refuse_forbidden(cluster_id=by.cluster_id, texts={"words": said})
    with locks.transaction_with_timeout(locks.ALONE_MS):
        review = Review.objects.select_for_update().get(pk=found.pk)
        if review.answered_at is not None:
            raise Refused("review.answered")
        review.answer, review.answered_at = said, clock.now()
        review.save(update_fields=["answer", "answered_at"])
        telling.buyer(order_of(by, review.order_id), "review.answered", by)
        note(by, "review", review.pk, "answered")
        return review


def hide(*, code: str, reason: str, by: Actor) -> Review:
    """The operator takes a review out of sight for a reason in law. Raises NotFound, Forbidden, Invalid at `reason`."""
    policy.require_operator(by)
    if reason not in HIDDEN_FOR:
        raise Invalid("input.choice", field="reason")
    return _set_hidden(code, reason, by)


def show_again(*, code: str, by: Actor) -> Review:
    """It was hidden by mistake. Raises NotFound, Forbidden."""
    policy.require_operator(by)
    return _set_hidden(code, "", by)


def _set_hidden(code: str, reason: str, by: Actor) -> Review:
    with locks.transaction_with_timeout(locks.ALONE_MS):
        review = Review.objects.select_for_update().filter(cluster_id=by.cluster_id, code=code).first()
        if review is None:
            raise NotFound("review.unknown")
        if review.hidden_for != reason:
            review.hidden_at, review.hidden_for = (clock.now() if reason else None), reason
            review.save(update_fields=["hidden_at", "hidden_for"])
            note(by, "review", review.pk, "hidden" if reason else "shown", reason=reason)
        return review


def masked(name: str) -> str:
    """张三 is 张*, Jane Doe is J*: enough to be somebody, too little to be found."""
    return f"{name.strip()[:1] or '*'}*"


def _checked(draft: Draft) -> tuple[int, str]:
    with inputs.Faults() as check:
        stars = check(inputs.integer, draft.stars, field="stars", least=1, most=5)
        words = check(inputs.text, draft.words, field="words", most=MOST_WORDS, least=0, lines=True)
    return stars, words


def _line(line_id: int, by: Actor) -> tuple[Line, Order, tuple[int, int]]:
    """The line, its order, and (offer, supplier)."""
    line = Line.objects.filter(cluster_id=by.cluster_id, pk=line_id, kind="goods").first()
    if line is None or line.offer_id is None:
        raise NotFound("order.unknown")
    order = order_of(by, line.order_id)
    parties = order_policy.parties_of(order)
    if "buyer" not in policy.sides_of(by, parties):
        raise Forbidden("review.not_yours") if may_see(by, parties) else NotFound("order.unknown")
    if order.supplier_id is None:
        raise Refused("review.not_received")
    return line, order, (line.offer_id, order.supplier_id)


def _own(code: str, by: Actor) -> Review:
    found = Review.objects.filter(cluster_id=by.cluster_id, code=code).first()
    if found is None:
        raise NotFound("review.unknown")
    if "buyer" not in policy.sides_of(by, order_policy.parties_of(order_of(by, found.order_id))):
        raise Forbidden("review.not_yours")
    return found


def _name(order: Order) -> str:
    names = Contact.objects.filter(cluster_id=order.cluster_id, order_id=order.pk, erased_at=None)
    return names.values_list("name", flat=True).first() or ""


def _stored(files: Sequence[BinaryIO]) -> AbstractContextManager[list[Kept]]:
    return pictures.kept(files, folder="reviews", storage="default", most=MOST_PICTURES)


def _show(review: Review, kept: Sequence[Kept]) -> None:
    ReviewPicture.objects.bulk_create(
        [
            ReviewPicture(review=review, position=place, name=one.name, small=one.small)
            for place, one in enumerate(kept, start=1)
        ]
    )


def _take_down(review: Review) -> None:
    """Old pictures go from the public store when the change is committed."""
    names = [name for one in review.pictures.all() for name in (one.name, one.small)]
    review.pictures.all().delete()

    def gone() -> None:
        for name in names:
            default_storage.delete(name)

    transaction.on_commit(gone)
