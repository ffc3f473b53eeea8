"""Lists of a person: orders, favourites, notices, jobs, and what was done in one's name."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from yunju.catalog import hearts
from yunju.kernel import jobs
from yunju.members import papers
from yunju.members import queries as members
from yunju.members.models import User
from yunju.notices import queries as notices
from yunju.orders.models import Order
from yunju.ui import messages
from yunju.web import order_list
from yunju.web.cards import cards
from yunju.web.listed.base import Field, Found, Listed, left, mine
from yunju.web.request import Request
from yunju.web.words import order_word


def _orders(_request: Request, _of: Any, orders: list[Order]) -> Iterable[Any]:
    """A row an item."""
    for order in orders:
        lines = list(order.lines.all())
        word = order_word(order, lines).text
        yield from ((order, line, word) for line in lines)


def _order_fields(_request: Request, _of: Any) -> Sequence[Field]:
    return [
        Field(_("Order number"), lambda row: row[0].number, width=20),
        Field(_("Placed"), lambda row: row[0].placed_at, "moment", 18),
        Field(_("Supplier"), lambda row: row[0].supplier_name, width=24),
        Field(_("Item"), lambda row: row[1].title, width=40),
        Field(_("Variant"), lambda row: row[1].variant_title, width=20),
        Field(_("Quantity"), lambda row: row[1].quantity, "number", 10),
        Field(_("Amount"), lambda row: row[1].amount_minor, "money"),
        Field(_("Refunded"), lambda row: row[1].refunded_minor, "money"),
        Field(_("State"), lambda row: row[2], width=18),
    ]


def _favourite_fields(_request: Request, _of: Any) -> Sequence[Field]:
    return [
        Field(_("Title"), lambda card: card.title, width=40),
        Field(_("Supplier"), lambda card: card.offer.supplier.name, width=28),
        Field(_("Price from"), lambda card: card.price_minor, "money"),
        Field(_("State"), left, width=18),
    ]


def _notice_fields(request: Request, _of: Any) -> Sequence[Field]:
    currency = request.cluster.currency

    def said(notice: Any) -> str:
        params = notice.params | {"count": notice.count}
        return messages.sentence(f"notice.{notice.code}", params, currency=currency)

    return [
        Field(_("When"), lambda notice: notice.at, "moment", 18),
        Field(_("What you were told"), said, width=70),
        Field(_("Read"), lambda notice: notice.read_at, "moment", 18),
    ]


def _job_fields(_request: Request, _of: Any) -> Sequence[Field]:
    return [
        Field(_("Job"), lambda job: messages.word("job.kind", job.kind), width=24),
        Field(_("What"), lambda job: job.title, width=36),
        Field(_("Started"), lambda job: job.asked_at, "moment", 18),
        Field(_("State"), lambda job: messages.word("job.state", job.state)),
        Field(_("File"), lambda job: job.file_name if job.file else "", width=36),
    ]


def _log_fields(request: Request, _of: Any) -> Sequence[Field]:
    currency = request.cluster.currency
    return [
        Field(_("When"), lambda event: event.at, "moment", 18),
        Field(
            _("What was done"),
            lambda event: messages.sentence(f"event.{event.what}", event.params, currency=currency),
            width=70,
        ),
    ]


def _devices(_request: Request, user_id: int) -> Found:
    return User.objects.get(pk=user_id).sign_ins.filter(ended_at=None).order_by("-seen_at")


def _device_fields(_request: Request, _of: Any) -> Sequence[Field]:
    return [
        Field(
            _("Device"), lambda one: " · ".join(messages.word("device", word) for word in one.words), width=30
        ),
        Field(_("How you signed in"), lambda one: messages.word("way", one.way), width=24),
        Field(_("Since"), lambda one: one.began_at, "moment", 18),
        Field(_("Last used"), lambda one: one.seen_at, "moment", 18),
    ]


def visit_fields(_request: Request, _of: Any) -> Sequence[Field]:
    """Who looked at the site as somebody else, as the person reads it."""
    return [
        Field(_("When"), lambda one: one.began_at, "moment", 18),
        Field(_("Who"), lambda one: one.by_user.name or str(one.by_user.email), width=24),
        Field(_("Reason"), lambda one: one.reason, width=50),
        Field(_("Pages looked at"), lambda one: one.pages, "number"),
    ]


LISTS = (
    Listed("my_orders", "orders", mine(), lambda r, _of: order_list.wanted(r), _order_fields, _orders),
    Listed(
        "favourites",
        "favourites",
        mine(),
        lambda r, _of: hearts.offers_of(r.actor),
        _favourite_fields,
        lambda _r, _of, offers: cards(offers, with_terms=False),
        seen="cards",
    ),
    Listed(
        "notices",
        "notices",
        mine(),
        lambda r, _of: notices.visible_to(r.actor).order_by("-at", "-id"),
        _notice_fields,
    ),
    Listed("jobs", "jobs", mine(), lambda r, _of: jobs.visible_to(r.actor), _job_fields),
    Listed("my_log", "my_log", mine(), lambda r, _of: members.events_of_person(r.actor), _log_fields),
    Listed("devices", "devices", mine(), _devices, _device_fields),
    Listed(
        "my_visits",
        "own_visits",
        mine(),
        lambda _r, user_id: papers.visits_of(user_id),
        visit_fields,
        seen="rows",
    ),
)
