"""The card with which a supplier or a shop can be reached: phone, hours, the 客服 picture."""

from dataclasses import dataclass
from typing import BinaryIO

from django.core.files.storage import default_storage
from django.db import transaction

from yunju.kernel import clock, locks, pictures
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid, NotFound
from yunju.members import inputs, wording
from yunju.members.words import Permission
from yunju.shops.models import Shop
from yunju.talks import policy
from yunju.talks.actions.steps import note
from yunju.talks.models import ServiceCard


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to stand on the card; `file` replaces the picture, `without_picture` takes it off."""

    phone: str = ""
    hours: str = ""
    file: BinaryIO | None = None
    without_picture: bool = False


def set_card(*, member_id: int, draft: Draft, shop_id: int | None = None, by: Actor) -> ServiceCard:
    """Write the card of a member, or of one of its shops. Raises NotFound, Forbidden, Invalid at the field."""
    policy.require_service(by, member_id, Permission.SHOP_EDIT if shop_id else Permission.MEMBER_EDIT)
    if (
        shop_id
        and not Shop.objects.filter(cluster_id=by.cluster_id, pk=shop_id, member_id=member_id).exists()
    ):
        raise NotFound("shops.no_shop")
    with inputs.Faults() as check:
        phone = check(_phone, draft.phone)
        hours = check(inputs.text, draft.hours, field="hours", most=60, least=0)
    wording.refuse_forbidden(cluster_id=by.cluster_id, texts={"hours": hours})
    files = [draft.file] if draft.file else []
    with pictures.kept(files, folder="cards", storage="default", most=1, field="picture") as kept:
        return _write((member_id, shop_id), (phone, hours), kept[0].name if kept else "", draft, by)


def _write(
    whose: tuple[int, int | None], texts: tuple[str, str], name: str, draft: Draft, by: Actor
) -> ServiceCard:
    (member_id, shop_id), (phone, hours) = whose, texts
    with locks.transaction_with_timeout(locks.ALONE_MS):
        card, _made = ServiceCard.objects.get_or_create(
            cluster_id=by.cluster_id,
            member_id=member_id,
            shop_id=shop_id,
            defaults={"edited_at": clock.now()},
        )
        card = ServiceCard.objects.select_for_update().get(pk=card.pk)
        old = card.picture.name or ""
        if name or draft.without_picture:
            card.picture = name
            if old:
                transaction.on_commit(lambda: default_storage.delete(old))
        card.phone, card.hours, card.edited_at = phone, hours, clock.now()
        card.save()
        note(by, "card", card.pk, "set", picture=bool(card.picture))
        return card


def _phone(value: str) -> str:
    """Digits, dashes and blanks: a service may have a landline or a 400 number."""
    found = inputs.text(value, field="phone", most=20, least=0)
    if found and not (
        found.isascii() and sum(char.isdigit() for char in found) >= 5 and set(found) <= set("+0123456789 -")
    ):
        raise Invalid("input.phone", field="phone")
    return found
