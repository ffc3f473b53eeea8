-- The statements of release. Orders are claimed before their shares: a refund holds the order as well.

-- name: date_lines
UPDATE orders_line l SET release_due_at = w.due
FROM unnest(%(orders)s::bigint[], %(dues)s::timestamptz[]) AS w(order_id, due)
WHERE l.cluster_id = %(c)s AND l.order_id = w.order_id AND l.release_due_at IS NULL;

-- name: claim_orders
SELECT o.cluster_id, o.id FROM orders_order o
WHERE o.id IN (
    SELECT l.order_id FROM orders_line l
    JOIN orders_order w ON w.id = l.order_id AND w.cluster_id = l.cluster_id
    WHERE l.release_due_at <= %(now)s AND l.released_at IS NULL AND w.disputed_at IS NULL AND w.after_sale_state <> 'open'
    ORDER BY l.release_due_at LIMIT %(limit)s
)
AND o.disputed_at IS NULL AND o.after_sale_state <> 'open'
ORDER BY o.cluster_id, o.id FOR NO KEY UPDATE SKIP LOCKED;

-- name: lock_shares
SELECT s.id, s.order_id, s.line_id, s.payee_id, s.amount_minor - s.released_minor - s.refunded_minor
FROM unnest(%(orders)s::bigint[], %(lines)s::bigint[]) AS w(order_id, line_id)
JOIN orders_share s ON s.cluster_id = %(c)s AND s.order_id = w.order_id AND s.line_id = w.line_id
WHERE s.amount_minor > s.released_minor + s.refunded_minor
ORDER BY s.id FOR NO KEY UPDATE OF s;

-- name: count_released
UPDATE orders_share s SET released_minor = s.released_minor + w.cents
FROM unnest(%(ids)s::bigint[], %(cents)s::bigint[]) AS w(id, cents)
WHERE s.cluster_id = %(c)s AND s.id = w.id;
