"""Categories that demand a licence: asked for before the shelf, watched after, and word in time."""

import datetime as dt

import pytest

from tests.factories.catalog import make_offer
from tests.factories.members import acts_for, make_cluster, make_member, operator
from yunju.catalog import licensing
from yunju.catalog.actions import demands, offers
from yunju.catalog.actions.categories import CategoryFields, make_category
from yunju.catalog.models import Offer, OfferEvent
from yunju.kernel import clock
from yunju.kernel.errors import Forbidden, Refused
from yunju.members.models import Licence, Member
from yunju.notices.models import Notice

pytestmark = pytest.mark.usefixtures("db_app")


def licence(member: Member, days: int, kind: str = "food") -> Licence:
    today = clock.local_day(clock.now(), member.cluster.timezone)
    return Licence.objects.create(
        cluster_id=member.cluster_id, member=member, kind=kind, number="JY1", state="valid",
        valid_from=today - dt.timedelta(days=400), valid_until=today + dt.timedelta(days=days),
        handed_at=clock.now(), checked_at=clock.now(),
    )  # fmt: skip


def tea(cluster):
    boss = operator(cluster)
    made = make_category(fields=CategoryFields("tea", "茶", "Tea"), by=boss)
    demands.set_demands(category_id=made.pk, kinds=["food"], by=boss)
    return made


def test_nothing_goes_on_the_shelf_without_the_licence_and_leaves_it_when_that_ends():
    cluster = make_cluster()
    category, supplier = tea(cluster), make_member(cluster, capacities=("supplier",))
    by = acts_for(supplier)
    offer = make_offer(supplier, listed=False, category=category)
    other = make_offer(supplier)
    with pytest.raises(Refused) as refused:
        offers.list_offer(offer_id=offer.pk, by=by)
    assert refused.value == Refused("offer.licence_missing", field="category", licence="food")
    held = licence(supplier, 100)
    assert offers.list_offer(offer_id=offer.pk, by=by).on_shelf
    assert demands.unlicensed(cluster.pk) == []
    with clock.at(clock.now() + dt.timedelta(days=102)):
        assert demands.take_off(cluster.pk) == [(offer.pk, supplier.pk, "food")]
        assert demands.take_off(cluster.pk) == []
    assert [Offer.objects.get(pk=one.pk).on_shelf for one in (offer, other)] == [False, True]
    assert OfferEvent.objects.get(offer_id=offer.pk, what="offer.unlicensed").params == {"kind": "food"}
    held.delete()
    with pytest.raises(Forbidden):
        demands.set_demands(category_id=category.pk, kinds=[], by=by)


def test_word_is_sent_once_at_each_mark_and_when_it_is_over():
    cluster = make_cluster()
    supplier = make_member(cluster, capacities=("supplier",))
    acts_for(supplier)
    held, now = licence(supplier, 95), clock.now()

    def told() -> list[str]:
        found = Notice.objects.filter(cluster_id=cluster.pk, code__startswith="licence.").order_by("pk")
        return list(found.values_list("code", flat=True))

    for days, count in ((0, 0), (6, 1), (7, 1), (66, 2), (70, 2), (89, 3), (95, 3), (96, 4), (200, 4)):
        with clock.at(now + dt.timedelta(days=days)):
            licensing.watch()
        assert len(told()) == count, days
    assert told() == ["licence.ends", "licence.ends", "licence.ends", "licence.ended"]
    held.refresh_from_db()
    assert held.reminded_days == 0
