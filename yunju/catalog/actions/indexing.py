"""Writes the words by which offers are found: in the transaction of whoever wrote the offer, or later by a loop."""

from collections.abc import Collection, Mapping, Sequence

from django.db import transaction

from yunju.catalog import fronts, search, text
from yunju.catalog.models import Category, Offer, ShelfEntry
from yunju.catalog.segments import SEG_VERSION
from yunju.kernel import sql

CHUNK = 200
_WRITE = (
    "UPDATE catalog_shelfentry AS e SET words = w.words::tsvector, seg_version = %(version)s"
    " FROM unnest(%(ids)s::bigint[], %(words)s::text[]) AS w (id, words) WHERE e.offer_id = w.id"
)


def index(offers: Sequence[Offer]) -> None:
    """Write the words of offers as they stand; inside the caller's transaction, after the offers themselves."""
    if not offers:
        return
    names = _category_names({offer.category_id for offer in offers if offer.category_id})
    words = [_vector(offer, names.get(offer.category_id or 0, ())) for offer in offers]
    sql.execute(_WRITE, {"version": SEG_VERSION, "ids": [offer.pk for offer in offers], "words": words})


def _category_names(ids: Collection[int]) -> Mapping[int, tuple[str, str]]:
    rows = Category.objects.filter(pk__in=ids) if ids else Category.objects.none()
    return {row.pk: (row.name_zh, row.name_en) for row in rows}


def _vector(offer: Offer, category: Sequence[str]) -> str:
    labels = (offer.brand, *map(str, offer.tags), *category)
    body = text.plain(offer.body_html)
    return search.vector(search.Texts(offer.cluster_id, offer.title, labels, body, offer.category_id))


def reindex() -> int:
    """Offers whose words are of an older version, or were forgotten: one batch of a loop. Returns how many there were."""
    with transaction.atomic():
        stale = ShelfEntry.objects.select_for_update(skip_locked=True, no_key=True)
        ids = list(
            stale.filter(seg_version__lt=SEG_VERSION)
            .order_by("seg_version", "pk")
            .values_list("pk", flat=True)[:CHUNK]
        )
        index(list(Offer.objects.filter(pk__in=ids)))
    return len(ids)


def mark_stale(*, category_id: int) -> None:
    """A category has another name: its offers are found by it soon."""
    ShelfEntry.objects.filter(offer__category_id=category_id).update(seg_version=0)


def set_sold(pieces: Mapping[int, int], *, cluster_id: int) -> int:
    """Offer id -> pieces sold in the last 30 days; offers that are not named sold none. Returns how many changed.

    What somebody edits at this moment is left to the next count: so this never waits, and nobody waits in a circle.
    """
    return sql.execute(
        "UPDATE catalog_shelfentry AS e SET sold = due.pieces FROM ("
        " SELECT was.offer_id, coalesce(s.pieces, 0) AS pieces FROM catalog_shelfentry AS was"
        " LEFT JOIN unnest(%(ids)s::bigint[], %(pieces)s::bigint[]) AS s (id, pieces) ON s.id = was.offer_id"
        " WHERE was.cluster_id = %(c)s AND was.sold <> coalesce(s.pieces, 0)"
        " FOR NO KEY UPDATE OF was SKIP LOCKED) AS due WHERE e.offer_id = due.offer_id",
        {"c": cluster_id, "ids": list(pieces), "pieces": list(pieces.values())},
    )


_BEST = (
    "SELECT offer_id, row_number() OVER (ORDER BY sold DESC, offer_id DESC) AS place FROM catalog_shelfentry"
    " WHERE cluster_id = %(c)s AND listed_at IS NOT NULL ORDER BY sold DESC, offer_id DESC LIMIT %(widest)s"
)
_FRONTS = (
    f"WITH best AS MATERIALIZED ({_BEST}), due AS ("  # noqa: S608 - no value stands in it
    " SELECT offer_id, place, CASE WHEN (SELECT count(*) FROM best) <= %(small)s THEN 0"
    " WHEN place <= %(n3)s THEN 3 WHEN place <= %(n2)s THEN 2 ELSE 1 END AS front FROM best"
    "), moved AS ("
    " SELECT e.offer_id, d.front, d.place FROM due AS d"
    " JOIN catalog_shelfentry AS e ON e.offer_id = d.offer_id WHERE e.front <> d.front"
    " UNION ALL SELECT e.offer_id, 0, NULL FROM catalog_shelfentry AS e"
    " WHERE e.front >= 1 AND e.cluster_id = %(c)s AND NOT EXISTS (SELECT FROM due AS d WHERE d.offer_id = e.offer_id)"
    "), free AS ("
    " SELECT m.offer_id, m.front FROM (SELECT * FROM moved ORDER BY place LIMIT %(most)s) AS m"
    " JOIN catalog_shelfentry AS own ON own.offer_id = m.offer_id FOR NO KEY UPDATE OF own SKIP LOCKED"
    ") UPDATE catalog_shelfentry AS e SET front = f.front FROM free AS f WHERE e.offer_id = f.offer_id"
)
MOVED = 2_000
"""Entries that change their front in one round: the first rounds of a big shelf take as many, later ones a few."""


def set_fronts(*, cluster_id: int, most: int = MOVED) -> int:
    """Who stands in front, by what sold: the narrowest first. Returns how many moved; never waits for who edits."""
    sizes = {f"n{front}": size for front, size in fronts.SIZES.items()}
    widest = max(fronts.SIZES.values())
    return sql.execute(
        _FRONTS, {"c": cluster_id, "small": fronts.SMALL, "widest": widest, "most": most} | sizes
    )
