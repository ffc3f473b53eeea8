"""Finding and locking what an action is about, as the person may see it. A stranger's object is not found."""

from yunju.catalog import policy
from yunju.catalog.models import Offer, Variant
from yunju.kernel.actor import Actor
from yunju.kernel.errors import NotFound, Refused
from yunju.members.models import Capacity, Member
from yunju.members.words import CapacityKind


def locked_offer(offer_id: int, by: Actor) -> Offer:
    """The offer, locked until the transaction ends. Refuses a closed one."""
    offer = Offer.objects.select_for_update(no_key=True).filter(pk=offer_id, cluster_id=by.cluster_id).first()
    if offer is None:
        raise NotFound("offer.unknown")
    policy.own_or_unknown(by, offer.supplier_id, "offer.unknown")
    if offer.closed_at is not None:
        raise Refused("offer.closed", title=offer.title)
    return offer


def own_offer(offer_id: int, by: Actor) -> Offer:
    """The offer, locked, for somebody who may change it."""
    offer = locked_offer(offer_id, by)
    policy.may_edit_offers(by, offer.supplier_id)
    return offer


def own_variant(variant_id: int, by: Actor) -> Variant:
    """An open variant with its offer locked, for somebody who may change it."""
    found = (
        Variant.objects.filter(pk=variant_id, cluster_id=by.cluster_id)
        .values_list("offer_id", flat=True)
        .first()
    )
    if found is None:
        raise NotFound("variant.unknown")
    own_offer(found, by)
    variant = Variant.objects.select_related("offer").get(pk=variant_id)
    if variant.closed_at is not None:
        raise Refused("variant.closed", title=variant.title)
    return variant


def supplier(supplier_id: int, by: Actor) -> Member:
    """A member that may prepare offers: open, and a supplier or one that has asked to be. Admission decides the shelf."""
    member = Member.objects.filter(pk=supplier_id, cluster_id=by.cluster_id).first()
    if member is None:
        raise NotFound("members.no_member")
    policy.own_or_unknown(by, supplier_id, "members.no_member")
    policy.may_edit_offers(by, supplier_id)
    asked = Capacity.objects.filter(member=member, kind=CapacityKind.SUPPLIER, ended_at=None).exists()
    if member.closed_at is not None or not asked:
        raise Refused("supplier.not_one", name=member.name)
    return member
