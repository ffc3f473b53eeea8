"""Who brought a buyer, kept with the account."""

from yunju.kernel.actor import Actor
from yunju.kernel.locks import ALONE_MS, transaction_with_timeout
from yunju.members.models import Cluster
from yunju.shops import queries
from yunju.shops.actions.steps import person
from yunju.shops.attribution import Attribution, cookie_seconds
from yunju.shops.models import CarriedAttribution


def remember(*, found: Attribution, by: Actor) -> bool:
    """Keep an attribution with a signed-in buyer when it is newer than the one kept. True when it is now the one kept.

    Nothing is kept for a shop of another cluster or a closed one, nor where the cluster's days are 0.
    """
    user_id = person(by)
    cluster = Cluster.objects.get(pk=by.cluster_id)
    shop = queries.terms(by.cluster_id, [found.shop_id]).get(found.shop_id)
    if shop is None or not shop.is_open or not cookie_seconds(cluster.attribution_days):
        return False
    values = {
        "shop_id": found.shop_id,
        "source": found.source,
        "share_code": found.share_code,
        "at": found.at,
    }
    with transaction_with_timeout(ALONE_MS):
        row, made = CarriedAttribution.objects.get_or_create(
            cluster_id=by.cluster_id, user_id=user_id, defaults=values
        )
        return made or bool(CarriedAttribution.objects.filter(pk=row.pk, at__lt=found.at).update(**values))


def forget_attribution(*, by: Actor) -> None:
    """The buyer does not want to be counted for a shop."""
    CarriedAttribution.objects.filter(cluster_id=by.cluster_id, user_id=person(by)).delete()
