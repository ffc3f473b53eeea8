"""What a list is: whose it is, the rows that its page finds, and what stands in the columns of its file."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from yunju.members.words import Permission
from yunju.orders.models import Order
from yunju.web.cards import Card
from yunju.web.exports import Column, Value
from yunju.web.keeping import own_shop
from yunju.web.request import Request, acting_for, operating, signed_in

BATCH = 500
MOST = 1_000_000
"""Rows of a file: Excel takes 1,048,576 on a sheet."""

Found = QuerySet[Any] | Sequence[Any]


@dataclass(frozen=True, slots=True)
class Whose:
    """The door of a list: `opened` gives what the address names, as the page does, or refuses as the page does.

    `needs` is the member and the permission that the person must still hold to fetch a file that was made for them.
    """

    opened: Callable[[Request, str], Any]
    needs: Callable[[Request, Any], tuple[int, str] | None]
    is_named: bool = True
    """Whether the address names something; a person's own lists and most of the operator's name nothing."""


@dataclass(frozen=True, slots=True)
class Field:
    """A column, and what stands in it: a word of the row, or a function of it."""

    head: str
    of: Callable[[Any], Value]
    kind: str = "text"
    width: int = 16

    @property
    def column(self) -> Column:
        return Column(self.head, self.kind, self.width)


def _as_found(_request: Request, _of: Any, found: list[Any]) -> Iterable[Any]:
    return found


@dataclass(frozen=True, slots=True)
class Listed:
    """One list. `found` is what its page finds with the filters of the address; `shown` makes of a part of it the rows of the
    file, which `fields` takes apart. `page` is the address whose list it is, and `seen` what its template calls the rows: without any there is no
    file to offer. `noted` puts on record who takes it away."""

    name: str
    page: str
    whose: Whose
    found: Callable[[Request, Any], Found]
    fields: Callable[[Request, Any], Sequence[Field]]
    shown: Callable[[Request, Any, list[Any]], Iterable[Any]] = _as_found
    seen: str = "page"
    noted: Callable[[Request], None] | None = None


def mine() -> Whose:
    """A person's own list."""
    return Whose(lambda request, _: signed_in(request), lambda _request, _of: None, is_named=False)


def of_member(permission: Permission) -> Whose:
    """A list of a member, for those of its people who hold the permission."""
    return Whose(
        lambda request, code: acting_for(request, code, permission),
        lambda _, member: (member.pk, permission.value),
    )


def of_shop(permission: Permission = Permission.SHOP_EDIT) -> Whose:
    """A list of a shop, for its keeper."""
    return Whose(
        lambda request, code: own_shop(request, code, permission),
        lambda _, shop: (shop.member_id, permission.value),
    )


def of_operator(permission: Permission) -> Whose:
    """A list of the cluster, for those of the operator who hold the permission."""

    def opened(request: Request, _code: str) -> Any:
        operating(request, permission)
        return request.cluster

    return Whose(opened, lambda request, _: desk(request, permission), is_named=False)


def desk(request: Request, permission: Permission) -> tuple[int, str]:
    """The operator's member for which the person holds the permission."""
    return min(request.actor.members_with(permission)), permission.value


def left(card: Card) -> str:
    """Whether a thing can be bought, as a cell says it."""
    if not card.offer.on_shelf:
        return _("Not on the shelf")
    return _("In stock") if card.is_left else _("Sold out")


def with_orders(found: Sequence[Any]) -> list[tuple[Any, Order]]:
    """Cases or threads, each with its order."""
    orders = Order.objects.in_bulk([one.order_id for one in found])
    return [(one, orders[one.order_id]) for one in found if one.order_id in orders]


def count(found: Found) -> int:
    """How many there are; a row of the file each, or more."""
    return found.count() if isinstance(found, QuerySet) else len(found)


def parts(found: Found) -> Iterator[list[Any]]:
    """All of it in its order, so many at a time: a long list in little memory. What vanishes meanwhile is left out."""
    if not isinstance(found, QuerySet):
        for start in range(0, len(found), BATCH):
            yield list(found[start : start + BATCH])
        return
    keys = list(found.values_list("pk", flat=True)[:MOST])
    for start in range(0, len(keys), BATCH):
        part = keys[start : start + BATCH]
        by_key = {row.pk: row for row in found.filter(pk__in=part)}
        yield [by_key[pk] for pk in part if pk in by_key]
