"""Opening a shop, what stands over it, closing it."""

from collections.abc import Sequence

from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Refused
from yunju.kernel.locks import ALONE_MS, transaction_with_timeout
from yunju.members import inputs
from yunju.members import queries as members
from yunju.members.actions import MemberDraft, open_member
from yunju.members.actions.capacities import ask
from yunju.members.actions.papers import accept
from yunju.members.actions.steps import lock_cluster, lock_member
from yunju.members.models import Member, Role
from yunju.members.wording import refuse_forbidden
from yunju.members.words import CapacityKind, RoleKind
from yunju.shops import policy, texts
from yunju.shops.actions.listings import insert_picks
from yunju.shops.actions.steps import allow, lock, lock_own, note, person
from yunju.shops.models import Shop


def open_shop(
    *,
    name: str,
    phone: str,
    intro: str = "",
    by: Actor,
    member_id: int | None = None,
    offer_ids: Sequence[int] = (),
) -> Shop:
    """Open a shop at once, with nobody's approval: for the person who asks, or in the name of a firm they manage.

    Who has no membership here becomes one, a shopkeeper. One open shop per member: a second is refused with its code.
    `offer_ids` stand in it from the first moment, in that order; what has left the shelf meanwhile is left out.
    """
    user_id = person(by)
    with inputs.Faults() as check:
        name = check(texts.line, name, field="name", most=texts.NAME_LENGTH)
        intro = check(texts.paragraph, intro, field="intro", most=texts.INTRO_LENGTH)
        phone = check(inputs.phone, phone)
    refuse_forbidden(cluster_id=by.cluster_id, texts={"name": name, "intro": intro})
    if member_id is not None:
        allow(policy.may_open_for(by, member_id))
    with transaction_with_timeout(ALONE_MS):
        # Two taps on the button make one person and one shop: the second waits here for the first.
        lock_cluster(by.cluster_id)
        member = _firm(member_id, by) if member_id is not None else _person_of(user_id, name, phone, by)
        present = Shop.objects.filter(member=member, closed_at__isnull=True).first()
        if present is not None:
            raise Refused("shops.already_open", shop=present.code)
        shop = Shop.objects.create(
            cluster_id=by.cluster_id, member=member, name=name, intro=intro, opened_at=clock.now()
        )
        accept(kinds=("shop",), at_step="open_shop", by=by)
        note(shop, "opened", by)
        insert_picks(shop, offer_ids, by)
    return shop


def edit_shop(*, shop_id: int, name: str | None = None, intro: str | None = None, by: Actor) -> Shop:
    """Change what stands over the shop."""
    new_name = None if name is None else texts.line(name, field="name", most=texts.NAME_LENGTH)
    new_intro = None if intro is None else texts.paragraph(intro, field="intro", most=texts.INTRO_LENGTH)
    refuse_forbidden(cluster_id=by.cluster_id, texts={"name": new_name or "", "intro": new_intro or ""})
    with transaction_with_timeout(ALONE_MS):
        shop = lock_own(shop_id, by)
        wanted = {"name": new_name, "intro": new_intro}
        changed = [
            field for field, value in wanted.items() if value is not None and value != getattr(shop, field)
        ]
        if changed:
            for field in changed:
                setattr(shop, field, wanted[field])
            shop.save(update_fields=changed)
            note(shop, "edited", by, fields=changed)
    return shop


def close_shop(*, shop_id: int, by: Actor) -> Shop:
    """Close for good. Picks stay as they were; what was ordered through the shop stays its income."""
    with transaction_with_timeout(ALONE_MS):
        shop = lock(shop_id, by)
        allow(policy.may_close(by, shop.member_id))
        if shop.closed_at is None:
            shop.closed_at = clock.now()
            shop.save(update_fields=["closed_at"])
            note(shop, "closed", by)
    return shop


def _person_of(user_id: int, name: str, phone: str, by: Actor) -> Member:
    """The membership this person has as a person, or a new one; a shopkeeper from now on."""
    owned = Role.objects.filter(user_id=user_id, kind=RoleKind.OWNER, ended_at__isnull=True)
    member = Member.objects.filter(
        cluster_id=by.cluster_id, kind="person", closed_at__isnull=True, pk__in=owned.values("member_id")
    )
    found = member.order_by("id").first()
    if found is None:
        draft = MemberDraft(name=name, phone=phone)
        return open_member(kind="person", draft=draft, capacity=CapacityKind.SHOPKEEPER, by=by)
    return _shopkeeper(lock_member(by.cluster_id, found.pk), by)


def _firm(member_id: int, by: Actor) -> Member:
    return _shopkeeper(lock_member(by.cluster_id, member_id), by)


def _shopkeeper(member: Member, by: Actor) -> Member:
    if not members.has_capacity(member.pk, CapacityKind.SHOPKEEPER):
        ask(member.pk, CapacityKind.SHOPKEEPER, by)
    return member
