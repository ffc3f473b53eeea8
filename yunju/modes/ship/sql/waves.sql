-- name: groups
-- Orders ready to be sent, by what they hold. Pieces that were refunded are no longer in the parcel.
WITH ready AS (
    SELECT o.id
    FROM orders_order o
    LEFT JOIN ship_waveorder w ON w.cluster_id = o.cluster_id AND w.order_id = o.id
    WHERE o.cluster_id = %(cluster_id)s AND o.supplier_id = %(supplier_id)s AND o.fulfilment_state = 'to_pack'
      AND o.mode = 'ship' AND o.after_sale_state <> 'open' AND o.disputed_at IS NULL AND w.id IS NULL
),
pieces AS (
    SELECT l.order_id, l.variant_id, sum(l.quantity - l.refunded_quantity) AS quantity, max(l.ship_from) AS ship_from
    FROM orders_line l
    JOIN ready r ON r.id = l.order_id
    WHERE l.cluster_id = %(cluster_id)s AND l.kind = 'goods' AND l.variant_id IS NOT NULL
    GROUP BY l.order_id, l.variant_id
),
contents AS (
    SELECT order_id, string_agg(variant_id || 'x' || quantity, ',' ORDER BY variant_id) AS content
    FROM pieces
    WHERE quantity > 0
    GROUP BY order_id
    HAVING coalesce(max(ship_from), %(today)s) <= %(today)s
)
SELECT content, count(*), min(order_id)
FROM contents
GROUP BY content
ORDER BY count(*) DESC, min(order_id)
LIMIT %(limit)s;

-- name: fill
-- The oldest ready orders of one content (none given: of all; ids given: of those) become the rows of a wave.
WITH ready AS (
    SELECT o.id
    FROM orders_order o
    LEFT JOIN ship_waveorder w ON w.cluster_id = o.cluster_id AND w.order_id = o.id
    WHERE o.cluster_id = %(cluster_id)s AND o.supplier_id = %(supplier_id)s AND o.fulfilment_state = 'to_pack'
      AND o.mode = 'ship' AND o.after_sale_state <> 'open' AND o.disputed_at IS NULL AND w.id IS NULL
      AND (%(ids)s::bigint[] IS NULL OR o.id = ANY(%(ids)s::bigint[]))
),
pieces AS (
    SELECT l.order_id, l.variant_id, sum(l.quantity - l.refunded_quantity) AS quantity, max(l.ship_from) AS ship_from
    FROM orders_line l
    JOIN ready r ON r.id = l.order_id
    WHERE l.cluster_id = %(cluster_id)s AND l.kind = 'goods' AND l.variant_id IS NOT NULL
    GROUP BY l.order_id, l.variant_id
),
contents AS (
    SELECT order_id, string_agg(variant_id || 'x' || quantity, ',' ORDER BY variant_id) AS content
    FROM pieces
    WHERE quantity > 0
    GROUP BY order_id
    HAVING coalesce(max(ship_from), %(today)s) <= %(today)s OR %(ids)s::bigint[] IS NOT NULL
)
INSERT INTO ship_waveorder (cluster_id, wave_id, order_id)
SELECT %(cluster_id)s, %(wave_id)s, order_id
FROM contents
WHERE %(content)s = '' OR content = %(content)s
ORDER BY order_id
LIMIT %(limit)s
ON CONFLICT (cluster_id, order_id) DO NOTHING;

-- name: next_of_wave
-- The parts of a file are read by arrays of ids, a table a statement: a join of them all, planned with old statistics
-- on a day of many orders, would take minutes.
SELECT o.id
FROM ship_waveorder r
JOIN orders_order o ON o.id = r.order_id AND o.cluster_id = r.cluster_id
WHERE r.cluster_id = %(cluster_id)s AND r.wave_id = %(wave_id)s AND r.order_id > %(after)s
  AND o.fulfilment_state = 'to_pack' AND o.after_sale_state <> 'open' AND o.disputed_at IS NULL
ORDER BY o.id
LIMIT %(limit)s;

-- name: next_ready
SELECT o.id
FROM orders_order o
WHERE o.cluster_id = %(cluster_id)s AND o.supplier_id = %(supplier_id)s AND o.fulfilment_state = 'to_pack'
  AND o.mode = 'ship' AND o.after_sale_state <> 'open' AND o.disputed_at IS NULL AND o.id > %(after)s
  AND o.id <> ALL(%(presold)s::bigint[])
ORDER BY o.id
LIMIT %(limit)s;

-- name: file_orders
SELECT o.id, o.number, o.placed_at, o.total_minor
FROM orders_order o
WHERE o.cluster_id = %(cluster_id)s AND o.id = ANY(%(ids)s::bigint[])
ORDER BY o.id;

-- name: file_contacts
SELECT c.order_id, c.name, c.phone, c.province, c.city, c.district, c.street, c.note
FROM orders_contact c
WHERE c.cluster_id = %(cluster_id)s AND c.order_id = ANY(%(ids)s::bigint[]) AND c.erased_at IS NULL;

-- name: file_goods
SELECT l.order_id,
       string_agg(l.title || CASE WHEN l.variant_title = '' THEN '' ELSE ' ' || l.variant_title END
                  || ' × ' || (l.quantity - l.refunded_quantity), '; ' ORDER BY l.seq),
       string_agg(DISTINCT nullif(v.sku, ''), ', '),
       sum(l.quantity - l.refunded_quantity),
       sum(v.weight_g * (l.quantity - l.refunded_quantity))
FROM orders_line l
LEFT JOIN catalog_variant v ON v.id = l.variant_id
WHERE l.cluster_id = %(cluster_id)s AND l.order_id = ANY(%(ids)s::bigint[]) AND l.kind = 'goods'
  AND l.quantity > l.refunded_quantity
GROUP BY l.order_id;

-- name: file_waves
SELECT r.order_id, w.number
FROM ship_waveorder r
JOIN ship_wave w ON w.id = r.wave_id
WHERE r.cluster_id = %(cluster_id)s AND r.order_id = ANY(%(ids)s::bigint[]);

-- name: named
-- Orders of a supplier by their numbers, with what says whether a parcel may be entered for them.
SELECT o.number, o.id, o.fulfilment_state, o.after_sale_state, o.disputed_at IS NOT NULL
FROM orders_order o
WHERE o.cluster_id = %(cluster_id)s AND o.supplier_id = %(supplier_id)s AND o.mode = 'ship'
  AND o.number = ANY(%(numbers)s);
