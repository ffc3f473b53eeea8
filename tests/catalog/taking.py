"""Taking a file in a test, and looking at what came of it."""

import io

from tests.factories.members import acts_for
from yunju.catalog.actions.imports import ImportOptions, import_offers
from yunju.catalog.models import CommissionRule, Offer, OfferEvent, Picture, Place, Stock, Variant


def take(supplier, content: bytes, by=None, **options):
    given = ImportOptions(file_name="products.csv", **options)
    return import_offers(
        by=by or acts_for(supplier), supplier_id=supplier.pk, file=io.BytesIO(content), options=given
    )


def state_of(supplier) -> list[list[dict]]:
    """Every row that an import may touch, of this test's own cluster."""
    offer = {"offer__supplier": supplier}
    found = [
        Offer.objects.filter(supplier=supplier),
        Variant.objects.filter(**offer),
        Picture.objects.filter(**offer),
        Stock.objects.filter(cluster_id=supplier.cluster_id),
        Place.objects.filter(supplier=supplier),
        CommissionRule.objects.filter(**offer),
        OfferEvent.objects.filter(cluster_id=supplier.cluster_id),
    ]
    return [list(rows.order_by("pk").values()) for rows in found]


def counted(report, *names) -> tuple[int, ...]:
    return tuple(report.counts[name] for name in names)


def remarks(report, *, fault: bool) -> list[tuple[str, int]]:
    return [(remark.code, remark.row) for remark in report.remarks if remark.fault is fault]
