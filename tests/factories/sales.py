"""Flash sales for tests: running now, unless told otherwise."""

from datetime import timedelta

from yunju.catalog.models import Sale, Variant
from yunju.kernel import clock


def make_sale(variant: Variant, *, price_minor=600, quota=10, starts_in=-60, lasts=3_600, **fields) -> Sale:
    """A sale that began a minute ago; `starts_in` and `lasts` in seconds."""
    begins = clock.now() + timedelta(seconds=starts_in)
    return Sale.objects.create(
        cluster_id=variant.cluster_id,
        variant=variant,
        price_minor=price_minor,
        quota=quota,
        starts_at=begins,
        ends_at=begins + timedelta(seconds=lasts),
        made_at=clock.now(),
        **fields,
    )
