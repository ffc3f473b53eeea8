"""Shops and listings for tests."""

from yunju.catalog.models import Offer
from yunju.kernel import clock
from yunju.kernel.ids import public_code
from yunju.members.models import Member
from yunju.shops.models import Listing, Shop


def make_shop(member: Member, **fields: object) -> Shop:
    """An open shop of a member."""
    values = {"name": f"Shop {public_code(6)}", "opened_at": clock.now()} | fields
    return Shop.objects.create(cluster_id=member.cluster_id, member=member, **values)


def make_listing(shop: Shop, offer: Offer, **fields: object) -> Listing:
    """An offer picked by a shop."""
    values = {"picked_at": clock.now()} | fields
    return Listing.objects.create(cluster_id=shop.cluster_id, shop=shop, offer=offer, **values)
