"""Codes of a shop's people, for its statistics only."""

from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid, NotFound
from yunju.kernel.ids import public_code
from yunju.kernel.locks import ALONE_MS, transaction_with_timeout
from yunju.members.models import Role
from yunju.shops import policy
from yunju.shops.actions.steps import allow, lock, must_be_open, note
from yunju.shops.attribution import SHARE_CODE_LENGTH
from yunju.shops.models import ShareCode


def make_share_code(*, shop_id: int, user_id: int, by: Actor) -> ShareCode:
    """A code for one person of the shop's firm, for its statistics; the one that person has, if any."""
    with transaction_with_timeout(ALONE_MS):
        shop = lock(shop_id, by)
        allow(policy.may_share_for(by, shop.member_id, user_id))
        must_be_open(shop)
        if not Role.objects.filter(user_id=user_id, member_id=shop.member_id, ended_at__isnull=True).exists():
            raise Invalid("shops.not_staff", field="user")
        present = ShareCode.objects.filter(shop=shop, user_id=user_id, ended_at__isnull=True).first()
        if present is not None:
            return present
        made = ShareCode.objects.create(
            shop=shop, user_id=user_id, code=public_code(SHARE_CODE_LENGTH), made_at=clock.now()
        )
        note(shop, "share_code_made", by, code=made.code, user=user_id)
    return made


def end_share_code(*, code: str, by: Actor) -> None:
    """The code is counted for nobody any more; its links go on bringing buyers to the shop."""
    with transaction_with_timeout(ALONE_MS):
        shop_id = ShareCode.objects.filter(code=code).values_list("shop_id", flat=True).first()
        if shop_id is None:
            raise NotFound("shops.no_share_code")
        shop = lock(shop_id, by)
        found = ShareCode.objects.get(code=code)
        allow(policy.may_share_for(by, shop.member_id, found.user_id))
        if found.ended_at is None:
            found.ended_at = clock.now()
            found.save(update_fields=["ended_at"])
            note(shop, "share_code_ended", by, code=code, user=found.user_id)
