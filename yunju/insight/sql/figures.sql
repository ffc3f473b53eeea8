-- Figures of one period of one cluster. A purchase is paid within two days of its placement or never: the block range
-- index on placed_at therefore finds the paid ones too.

-- name: count
WITH placed AS (
    SELECT count(o.id) AS orders, coalesce(sum(o.total_minor), 0)::bigint AS gmv_minor
    FROM orders_purchase AS p
    INNER JOIN orders_order AS o ON p.id = o.purchase_id AND p.cluster_id = o.cluster_id
    WHERE p.cluster_id = %(cluster)s AND p.placed_at >= %(since)s AND p.placed_at < %(until)s
),

paid AS (
    SELECT o.id, o.total_minor
    FROM orders_purchase AS p
    INNER JOIN orders_order AS o ON p.id = o.purchase_id AND p.cluster_id = o.cluster_id
    WHERE
        p.cluster_id = %(cluster)s AND p.placed_at >= %(since)s::timestamptz - interval '2 days'
        AND p.placed_at < %(until)s AND p.paid_at >= %(since)s AND p.paid_at < %(until)s
),

paid_sums AS (
    SELECT count(*) AS paid_orders, coalesce(sum(total_minor), 0)::bigint AS paid_minor FROM paid
),

parts AS (
    SELECT
        coalesce(sum(s.amount_minor) FILTER (WHERE s.role IN ('platform', 'park')), 0)::bigint AS fees_minor,
        coalesce(sum(s.amount_minor) FILTER (WHERE s.role = 'shop'), 0)::bigint AS commission_minor
    FROM orders_share AS s
    INNER JOIN paid ON s.order_id = paid.id
    WHERE s.cluster_id = %(cluster)s AND s.role IN ('platform', 'park', 'shop')
),

shops AS (
    SELECT count(DISTINCT l.shop_id) AS active_shops
    FROM orders_line AS l
    INNER JOIN paid ON l.order_id = paid.id
    WHERE l.cluster_id = %(cluster)s AND l.shop_id IS NOT NULL
),

back AS (
    SELECT coalesce(sum(r.amount_minor), 0)::bigint AS refunded_minor
    FROM orders_refund AS r
    WHERE
        r.cluster_id = %(cluster)s AND r.kind <> 'unapplied' AND r.confirmed_at >= %(since)s
        AND r.confirmed_at < %(until)s
),

joined AS (
    SELECT count(*) AS new_members
    FROM members_member AS m
    WHERE m.cluster_id = %(cluster)s AND m.created_at >= %(since)s AND m.created_at < %(until)s
)

INSERT INTO insight_figures
(
    cluster_id, unit, starts_on, orders, gmv_minor, paid_orders, paid_minor, refunded_minor, fees_minor,
    commission_minor, active_shops, new_members, counted_at
)
SELECT
    %(cluster)s, %(unit)s, %(starts_on)s, placed.orders, placed.gmv_minor, paid_sums.paid_orders, paid_sums.paid_minor,
    back.refunded_minor, parts.fees_minor, parts.commission_minor, shops.active_shops, joined.new_members, %(now)s
FROM placed, paid_sums, parts, shops, back, joined
ON CONFLICT (cluster_id, unit, starts_on) DO UPDATE SET
    orders = excluded.orders,
    gmv_minor = excluded.gmv_minor,
    paid_orders = excluded.paid_orders,
    paid_minor = excluded.paid_minor,
    refunded_minor = excluded.refunded_minor,
    fees_minor = excluded.fees_minor,
    commission_minor = excluded.commission_minor,
    active_shops = excluded.active_shops,
    new_members = excluded.new_members,
    counted_at = excluded.counted_at;

-- name: begins
SELECT min(m.created_at) FROM members_member AS m WHERE m.cluster_id = %(cluster)s;
