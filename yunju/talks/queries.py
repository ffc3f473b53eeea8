"""Reading talks: whose turn it is, what was said, what buyers think of an offer, how somebody can be reached."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Avg, Count, OuterRef, Prefetch, Q, QuerySet, Subquery

from yunju.kernel import clock, sql
from yunju.kernel.actor import Actor
from yunju.kernel.prepared import prepared
from yunju.members.words import Permission
from yunju.orders import policy as order_policy
from yunju.orders.models import Order
from yunju.shops.models import Shop
from yunju.talks import policy
from yunju.talks.models import Message, MessagePicture, Review, ReviewPicture, ServiceCard, Thread

PAGE = 10
USUAL_DAYS, USUAL_LEAST = 90, 5


# --- threads ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class View:
    """A thread as one person sees it. `state`: none, waiting, late, answered. No messages for whom they are not."""

    state: str
    side: str
    messages: tuple[Message, ...] = ()
    answer_due_at: datetime | None = None
    unread: int = 0
    may_join: bool = False


def view(by: Actor, order: Order, wanted: str = "") -> View:
    """The thread of an order that the actor sees: words for its sides, the state alone for everybody else."""
    parties = order_policy.parties_of(order)
    side = policy.side_of(by, parties, wanted)
    thread = Thread.objects.filter(cluster_id=order.cluster_id, order_id=order.pk).first()
    if thread is None:
        return View("none", side, may_join=side == "operator")
    state, due = state_of(thread), thread.answer_due_at
    if side == "operator" and thread.operator_joined_at is None:
        return View(state, side, answer_due_at=due, may_join=True)
    if not side:
        return View(state, "", answer_due_at=due)
    said = thread.messages.prefetch_related(_pictures()).order_by("id")
    messages = tuple(said)
    return View(state, side, messages, due, len(_unseen(thread, side, messages)))


def _pictures() -> "Prefetch[str, QuerySet[MessagePicture], str]":
    return Prefetch("pictures", MessagePicture.objects.order_by("position"))


def _unseen(thread: Thread, side: str, messages: Sequence[Message]) -> list[Message]:
    seen = {"buyer": thread.read_by_buyer_id, "supplier": thread.read_by_supplier_id}.get(side)
    return [] if seen is None else [one for one in messages if one.pk > seen and one.side != side]


def state_of(thread: Thread) -> str:
    """waiting (an answer is due), late (it is overdue), answered."""
    if thread.answer_due_at is None:
        return "answered"
    return "late" if thread.answer_due_at <= clock.now() else "waiting"


def threads_visible_to(by: Actor) -> QuerySet[Thread]:
    """The supplier's own, the operator's cluster. Buyers come by their order."""
    here = Thread.objects.filter(cluster_id=by.cluster_id)
    if by.kind == "system" or by.members_with(Permission.CLUSTER_CASES):
        return here
    return here.filter(supplier_id__in=by.members_with(Permission.CASE_ANSWER))


def waiting(by: Actor, *, supplier_id: int | None = None) -> QuerySet[Thread]:
    """Threads in which an answer is due, the most urgent first. Late ones are those whose `answer_due_at` is over."""
    found = threads_visible_to(by).filter(answer_due_at__isnull=False)
    if supplier_id is not None:
        found = found.filter(supplier_id=supplier_id)
    return found.order_by("answer_due_at", "id")


def with_last_words(threads: QuerySet[Thread]) -> QuerySet[Thread]:
    """Each with `last_words`, what was said in it last; pictures without words say nothing."""
    said = Message.objects.filter(thread_id=OuterRef("pk"), kind="said").exclude(words="").order_by("-id")
    return threads.annotate(last_words=Subquery(said.values("words")[:1]))


def late_count(by: Actor) -> int:
    """How many answers are overdue: for the first page of operator and supplier."""
    return waiting(by).filter(answer_due_at__lte=clock.now()).count()


def unread_orders(by: Actor, orders: Sequence[Order]) -> set[int]:
    """Ids of the orders with something said that this person, as their buyer, has not seen. One query."""
    mine = [one.pk for one in orders if "buyer" in policy.sides_of(by, order_policy.parties_of(one))]
    if not mine:
        return set()
    rows = Message.objects.filter(
        cluster_id=by.cluster_id, thread__order_id__in=mine, side__in=("supplier", "operator")
    ).values_list("thread__order_id", "thread__read_by_buyer_id", "id")
    return {order_id for order_id, seen, message in rows if message > seen}


def usual_minutes(cluster_id: int, supplier_id: int | None) -> int | None:
    """The supplier's median answer time of the last 90 days in minutes; None below five answers."""
    if supplier_id is None:
        return None
    rows = sql.fetch(
        "SELECT count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY answered_seconds) FROM talks_message"
        " WHERE cluster_id = %(c)s AND supplier_id = %(s)s AND answered_seconds IS NOT NULL AND at > %(since)s",
        {"c": cluster_id, "s": supplier_id, "since": clock.now() - timedelta(days=USUAL_DAYS)},
    )
    count, median = rows[0]
    return None if count < USUAL_LEAST else max(1, round(float(median) / 60))


# --- reviews ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rating:
    """How many reviews, and their mean in tenths of a star: 47 is 4.7."""

    count: int
    tenths: int

    @property
    def shown(self) -> str:
        return f"{self.tenths // 10}.{self.tenths % 10}"


@dataclass(frozen=True, slots=True)
class Reviews:
    """A page of an offer's reviews, with the rating of all."""

    rating: Rating | None
    page: "Page[Review]"


def reviews_of(offer_id: int, page: int | str | None = 1) -> Reviews:
    """What buyers say of an offer, the newest first, without what was hidden. Three queries."""
    found = _shown(Review.objects.filter(offer_id=offer_id)).order_by("-id")
    pictures = Prefetch("pictures", ReviewPicture.objects.order_by("position"))
    rating = ratings_of([offer_id]).get(offer_id)
    return Reviews(rating, Paginator(found.prefetch_related(pictures), PAGE).get_page(page))


def ratings_of(offer_ids: Collection[int]) -> dict[int, Rating]:
    """Offer id -> its rating, for those that have one. One query for any number: for shelves and cards."""
    rows = _ratings.rows(offer_ids=offer_ids)
    return {offer_id: Rating(count, round(float(mean) * 10)) for offer_id, count, mean in rows}


@prepared(offer_ids=list)
def _ratings(offer_ids: Collection[int]) -> QuerySet[Review, Any]:
    grouped = _shown(Review.objects.filter(offer_id__among=offer_ids)).order_by().values_list("offer_id")
    return grouped.annotate(count=Count("id"), mean=Avg("stars"))


def _shown(reviews: QuerySet[Review]) -> QuerySet[Review]:
    return reviews.filter(hidden_at__isnull=True)


def reviews_of_order(order: Order) -> dict[int, Review]:
    """Line id -> its review, hidden ones too: their writer sees them."""
    rows = Review.objects.filter(cluster_id=order.cluster_id, order_id=order.pk)
    pictures = Prefetch("pictures", ReviewPicture.objects.order_by("position"))
    return {review.line_id: review for review in rows.prefetch_related(pictures)}


def reviews_for(by: Actor, *, supplier_id: int) -> QuerySet[Review]:
    """What buyers say of a supplier's goods, for those who answer for it and for the operator."""
    here = Review.objects.filter(cluster_id=by.cluster_id, supplier_id=supplier_id)
    if not by.holds(Permission.CASE_ANSWER, supplier_id) and not by.members_with(Permission.CLUSTER_CASES):
        return here.none()
    pictures = Prefetch("pictures", ReviewPicture.objects.order_by("position"))
    return here.prefetch_related(pictures).order_by("-id")


# --- cards --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cards:
    """How to reach who sells and who showed it. None where nobody has set one."""

    supplier: ServiceCard | None
    shop: ServiceCard | None

    @property
    def both(self) -> list[ServiceCard]:
        return [card for card in (self.supplier, self.shop) if card is not None]


def cards(cluster_id: int, *, supplier_id: int | None, shop_id: int | None = None) -> Cards:
    """The cards of an offer or an order, in one query; an empty card is none."""
    wanted = Q(member_id=supplier_id, shop_id__isnull=True)
    if shop_id is not None:
        wanted |= Q(shop_id=shop_id)
    found = ServiceCard.objects.filter(wanted, cluster_id=cluster_id).exclude(phone="", picture="")
    rows = {card.shop_id: card for card in found}
    return Cards(rows.get(None), rows.get(shop_id) if shop_id else None)


def shop_of(order: Order) -> Shop | None:
    """The shop that brought the buyer of an order, the first where several did."""
    ids = order.lines.exclude(shop_id=None).values_list("shop_id", flat=True)
    return Shop.objects.filter(cluster_id=order.cluster_id, pk__in=ids[:1]).first()
