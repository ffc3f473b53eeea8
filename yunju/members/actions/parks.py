"""Parks, their sites, and the seats that tie members to them."""

from dataclasses import dataclass
from datetime import timedelta

from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid, NotFound, Refused
from yunju.members import inputs, policy, queries
from yunju.members.actions.steps import action, lock_member, note
from yunju.members.models import Park, Seat, Site
from yunju.members.words import CapacityKind, EndReason, Permission


@dataclass(frozen=True, slots=True)
class SiteDraft:
    """A place of a park."""

    name: str
    province: str = ""
    city: str = ""
    address: str = ""


@action
def make_park(*, member_id: int, name: str, by: Actor) -> Park:
    """Make a member that was admitted as a park into one, with a name for the directory."""
    policy.for_cluster(by, Permission.CLUSTER_ADMIT)
    name = inputs.text(name, field="name", most=120)
    member = lock_member(by.cluster_id, member_id)
    if not queries.has_capacity(member_id, CapacityKind.PARK):
        raise Refused("members.not_a_park")
    if Park.objects.filter(member=member).exists():
        raise Refused("members.park_made")
    park = Park.objects.create(cluster_id=by.cluster_id, member=member, name=name)
    note(by, "park.made", member_id, park_id=park.pk)
    return park


@action
def make_site(*, park_id: int, draft: SiteDraft, by: Actor) -> Site:
    """A further place of a park: by its own managers or the operator."""
    policy.signed_in(by)
    park = _park(park_id, by)
    policy.for_member_or_cluster(by, park.member_id, Permission.MEMBER_EDIT, Permission.CLUSTER_ADMIT)
    with inputs.Faults() as check:
        draft = SiteDraft(
            name=check(inputs.text, draft.name, field="name", most=120),
            province=check(inputs.text, draft.province, field="province", most=40, least=0),
            city=check(inputs.text, draft.city, field="city", most=40, least=0),
            address=check(inputs.text, draft.address, field="address", most=200, least=0),
        )
    lock_member(by.cluster_id, park.member_id)
    site = Site.objects.create(
        park=park, name=draft.name, province=draft.province, city=draft.city, address=draft.address
    )
    note(by, "site.made", park.member_id, park_id=park_id, site_id=site.pk)
    return site


@action
def give_seat(*, member_id: int, park_id: int, site_id: int | None = None, by: Actor) -> Seat:
    """Tie a member to a park: on one of its sites, or in the cloud (no site)."""
    policy.signed_in(by)
    park = _park(park_id, by)
    policy.may_seat(by, member_id=member_id, park_member_id=park.member_id)
    if member_id == park.member_id:
        raise Invalid("members.seat_in_itself", field="member_id")
    if site_id is not None and not Site.objects.filter(pk=site_id, park=park).exists():
        raise Invalid("members.no_site", field="site_id")
    for locked_id in sorted({member_id, park.member_id}):
        lock_member(by.cluster_id, locked_id)
    if Seat.objects.filter(member_id=member_id, park=park, until=None).exists():
        raise Refused("members.seat_held")
    seat = Seat.objects.create(member_id=member_id, park=park, site_id=site_id, since=clock.now())
    note(by, "seat.given", member_id, seat_id=seat.pk, park_id=park_id, site_id=site_id)
    return seat


@action
def end_seat(*, seat_id: int, reason: str, by: Actor) -> Seat:
    """The tie ends: by the member, by the park or by the operator."""
    policy.signed_in(by)
    seat = Seat.objects.select_related("park").filter(pk=seat_id, park__cluster_id=by.cluster_id).first()
    if seat is None:
        raise NotFound("members.no_seat")
    if not by.holds(Permission.MEMBER_EDIT, seat.park.member_id):
        policy.for_member_or_cluster(by, seat.member_id, Permission.MEMBER_EDIT, Permission.CLUSTER_ADMIT)
    reason = inputs.choice(reason, field="reason", words=[word.value for word in EndReason])
    lock_member(by.cluster_id, seat.member_id, closed_too=True)
    seat.refresh_from_db()
    if seat.until is not None:
        raise Refused("members.seat_ended")
    seat.until = max(clock.now(), seat.since + timedelta(microseconds=1))
    seat.save(update_fields=["until"])
    note(by, "seat.ended", seat.member_id, seat_id=seat_id, park_id=seat.park_id, reason=reason)
    return seat


def _park(park_id: int, by: Actor) -> Park:
    park = Park.objects.filter(pk=park_id, cluster_id=by.cluster_id).first()
    if park is None:
        raise NotFound("members.no_park")
    return park
