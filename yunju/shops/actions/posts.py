"""发朋友圈: which sets of material a shop has posted."""

from yunju.catalog.models import Material
from yunju.catalog.queries import on_shelf
from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.kernel.errors import NotFound
from yunju.kernel.locks import ALONE_MS, transaction_with_timeout
from yunju.shops.actions.steps import lock_own, note
from yunju.shops.models import MaterialPost


def mark_posted(*, shop_id: int, material_id: int, by: Actor) -> MaterialPost:
    """This set has been put before people; said again, the date is that of the last time."""
    with transaction_with_timeout(ALONE_MS):
        shop = lock_own(shop_id, by)
        material = Material.objects.filter(
            pk=material_id, ended_at=None, offer__in=on_shelf(shop.cluster_id)
        ).first()
        if material is None:
            raise NotFound("shops.no_material")
        post, _ = MaterialPost.objects.update_or_create(
            shop=shop,
            material=material,
            defaults={
                "cluster_id": shop.cluster_id,
                "offer_id": material.offer_id,
                "by_user_id": by.user_id,
                "at": clock.now(),
            },
        )
        note(shop, "posted", by, material=material.code, offer=material.offer_id)
    return post


def unmark_posted(*, shop_id: int, material_id: int, by: Actor) -> None:
    """It was not posted after all."""
    with transaction_with_timeout(ALONE_MS):
        shop = lock_own(shop_id, by)
        gone, _ = MaterialPost.objects.filter(shop=shop, material_id=material_id).delete()
        if gone:
            note(shop, "post_taken_back", by, material_id=material_id)
