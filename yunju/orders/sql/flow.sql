-- name: lock_orders
-- In id order, as the whole house does; NO KEY, so that rows which point here can be written meanwhile.
SELECT o.id, o.mode, o.supplier_id, o.fulfilment_state, o.version, o.disputed_at IS NOT NULL, o.after_sale_days,
       p.user_id, p.holder, p.id, coalesce(c.country, m.country) <> m.country, o.dispatched_at IS NOT NULL
FROM orders_order o
JOIN orders_purchase p ON p.id = o.purchase_id AND p.cluster_id = o.cluster_id
JOIN members_cluster m ON m.id = o.cluster_id
LEFT JOIN orders_contact c ON c.order_id = o.id AND c.cluster_id = o.cluster_id
WHERE o.cluster_id = %(cluster_id)s AND o.id = ANY(%(ids)s)
ORDER BY o.id
FOR NO KEY UPDATE OF o;

-- name: running_timers
SELECT noun_id, key, event, due_at, left_seconds
FROM orders_flowtimer
WHERE cluster_id = %(cluster_id)s AND noun = 'order' AND noun_id = ANY(%(ids)s)
ORDER BY noun_id, key;

-- name: happened
SELECT noun_id, array_agg(DISTINCT event)
FROM orders_event
WHERE cluster_id = %(cluster_id)s AND noun = 'order' AND noun_id = ANY(%(ids)s) AND axis = 'fulfilment'
GROUP BY noun_id;

-- name: sent_from
-- Presales: the last day that a line of the order was promised for, as the instant at which it begins there.
SELECT l.order_id, (max(l.ship_from)::timestamp AT TIME ZONE c.timezone)
FROM orders_line l
JOIN members_cluster c ON c.id = l.cluster_id
WHERE l.cluster_id = %(cluster_id)s AND l.order_id = ANY(%(ids)s) AND l.ship_from IS NOT NULL
GROUP BY l.order_id, c.timezone;

-- name: change_states
UPDATE orders_order o
SET fulfilment_state = s.after,
    version = o.version + 1,
    dispatched_at = CASE WHEN s.dispatched THEN %(at)s ELSE o.dispatched_at END,
    received_at = CASE WHEN s.received THEN %(at)s ELSE o.received_at END
FROM unnest(%(ids)s::bigint[], %(versions)s::integer[], %(befores)s::text[], %(afters)s::text[],
            %(dispatched)s::boolean[], %(received)s::boolean[]) AS s(id, version, before, after, dispatched, received)
WHERE o.cluster_id = %(cluster_id)s AND o.id = s.id AND o.version = s.version AND o.fulfilment_state = s.before;

-- name: drop_timers
DELETE FROM orders_flowtimer
WHERE cluster_id = %(cluster_id)s AND noun = 'order' AND noun_id = ANY(%(ids)s);

-- name: change_stock_states
-- Pieces refunded earlier were given back by that refund.
UPDATE orders_line
SET stock_state = %(after)s
WHERE cluster_id = %(cluster_id)s AND order_id = ANY(%(ids)s) AND kind = 'goods' AND stock_state = %(before)s
RETURNING variant_id, place_id, quantity - refunded_quantity;

-- name: oldest_due
SELECT cluster_id, event
FROM orders_flowtimer
WHERE noun = 'order' AND due_at <= %(now)s AND (%(only)s::bigint IS NULL OR cluster_id = %(only)s)
ORDER BY due_at, id
LIMIT 1;

-- name: claim_due
-- The orders are locked, not the timers: whoever moves an order holds it while it replaces its timers. An order that
-- somebody else holds is left to them.
SELECT o.id
FROM orders_flowtimer t
JOIN orders_order o ON o.id = t.noun_id AND o.cluster_id = t.cluster_id
WHERE t.noun = 'order' AND t.due_at <= %(now)s AND t.cluster_id = %(cluster_id)s AND t.event = %(event)s
  AND (%(only)s::bigint[] IS NULL OR o.id = ANY(%(only)s::bigint[]))
ORDER BY t.due_at, t.id
LIMIT %(limit)s
FOR NO KEY UPDATE OF o SKIP LOCKED;

-- name: due_orders
SELECT noun_id
FROM orders_flowtimer
WHERE noun = 'order' AND due_at <= %(now)s AND cluster_id = %(cluster_id)s AND event = %(event)s
ORDER BY due_at, id
LIMIT %(limit)s;

-- name: drop_due
-- A timer that the order's state knows nothing of any more.
DELETE FROM orders_flowtimer
WHERE cluster_id = %(cluster_id)s AND noun = 'order' AND noun_id = ANY(%(ids)s) AND event = %(event)s
  AND due_at <= %(now)s;

-- name: postpone_due
UPDATE orders_flowtimer
SET due_at = %(until)s
WHERE cluster_id = %(cluster_id)s AND noun = 'order' AND noun_id = ANY(%(ids)s) AND event = %(event)s
  AND due_at <= %(now)s;

-- name: freeze_timers
UPDATE orders_flowtimer
SET left_seconds = greatest(0, ceil(extract(epoch FROM due_at - %(now)s)))::integer, due_at = NULL
WHERE cluster_id = %(cluster_id)s AND noun = 'order' AND noun_id = %(id)s AND due_at IS NOT NULL;

-- name: thaw_timers
UPDATE orders_flowtimer
SET due_at = %(now)s + make_interval(secs => left_seconds), left_seconds = NULL
WHERE cluster_id = %(cluster_id)s AND noun = 'order' AND noun_id = %(id)s AND left_seconds IS NOT NULL;

-- name: overlay_dispute
UPDATE orders_order
SET disputed_at = %(disputed_at)s, version = version + 1
WHERE cluster_id = %(cluster_id)s AND id = %(id)s AND version = %(version)s;
