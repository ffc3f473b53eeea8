"""Whether something on the shelf is still what it was: a text that changes with every row its page is made of."""

from yunju.kernel import sql

_OFFER = """
SELECT concat_ws(' ', o.xmin, s.xmin, c.xmin,
  (SELECT string_agg(concat_ws('.', v.xmin, t.xmin, p.xmin), ',' ORDER BY v.id, t.id) FROM catalog_variant AS v
    LEFT JOIN catalog_stock AS t ON t.variant_id = v.id LEFT JOIN catalog_place AS p ON p.id = t.place_id
    WHERE v.offer_id = o.id),
  (SELECT string_agg(x.xmin::text, ',' ORDER BY x.id) FROM catalog_picture AS x WHERE x.offer_id = o.id),
  (SELECT string_agg(x.xmin::text, ',' ORDER BY x.id) FROM catalog_presale AS x WHERE x.offer_id = o.id),
  (SELECT string_agg(concat_ws('.', x.xmin, x.starts_at <= now(), x.ends_at > now()), ',' ORDER BY x.id)
    FROM catalog_sale AS x WHERE x.cluster_id = o.cluster_id
    AND x.variant_id IN (SELECT v.id FROM catalog_variant AS v WHERE v.offer_id = o.id)),
  (SELECT string_agg(x.xmin::text, ',' ORDER BY x.id) FROM catalog_freightrule AS x WHERE x.supplier_id = s.id),
  (SELECT string_agg(x.xmin::text, ',' ORDER BY x.id) FROM members_capacity AS x WHERE x.member_id = s.id))
FROM catalog_offer AS o
JOIN members_member AS s ON s.id = o.supplier_id
LEFT JOIN catalog_category AS c ON c.id = o.category_id
WHERE o.cluster_id = %s AND o.code = %s
"""


def offer(cluster_id: int, code: str) -> str:
    """Of an offer with its variants, stock, pictures, days of presale, sales and whether they run, category, supplier and freight; empty: no such one.

    PostgreSQL gives every version of a row the number of the transaction that wrote it (`xmin`), so that no write can
    forget to change this text. Two equal texts mean: not one of these rows was written in between.
    """
    rows = sql.fetch_kept(_OFFER, [cluster_id, code])
    return str(rows[0][0]) if rows else ""
