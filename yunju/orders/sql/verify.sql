-- What `yunju ledger verify` proves about orders. Each statement: broken rows only, id and what was found.

-- name: looked_at
SELECT
    (SELECT count(*) FROM orders_order WHERE cluster_id = %(c)s),
    (SELECT count(*) FROM orders_share WHERE cluster_id = %(c)s),
    (SELECT count(*) FROM catalog_stock WHERE cluster_id = %(c)s),
    (SELECT count(*) FROM orders_refund WHERE cluster_id = %(c)s);

-- name: share_sums
-- I8 and the split: the shares of a line sum to the line; an escrowed line may have fewer until its award.
SELECT l.id, l.amount_minor, coalesce(sum(s.amount_minor), 0)::bigint
FROM orders_line l
JOIN orders_order o ON o.cluster_id = l.cluster_id AND o.id = l.order_id
LEFT JOIN orders_share s ON s.cluster_id = l.cluster_id AND s.order_id = l.order_id AND s.line_id = l.id
WHERE l.cluster_id = %(c)s
GROUP BY l.id, l.amount_minor, o.escrowed
HAVING coalesce(sum(s.amount_minor), 0) > l.amount_minor
    OR (NOT o.escrowed AND coalesce(sum(s.amount_minor), 0) <> l.amount_minor)
LIMIT 100;

-- name: shares_closed
-- I8: a line that was released leaves nothing pending.
SELECT s.id, s.amount_minor, s.released_minor + s.refunded_minor
FROM orders_share s JOIN orders_line l ON l.cluster_id = s.cluster_id AND l.order_id = s.order_id AND l.id = s.line_id
WHERE s.cluster_id = %(c)s AND l.released_at IS NOT NULL AND s.amount_minor <> s.released_minor + s.refunded_minor
LIMIT 100;

-- name: order_book
-- I11: of every paid order, what the ledger took in = what is pending + released + given back + in escrow, by its shares.
SELECT o.id, o.total_minor, coalesce(t.amount, 0)::bigint
FROM orders_order o
JOIN orders_purchase p ON p.id = o.purchase_id
LEFT JOIN (
    SELECT h.source_id, -sum(e.amount) AS amount
    FROM ledger_transfer h JOIN ledger_entry e ON e.cluster_id = h.cluster_id AND e.transfer_id = h.id
    JOIN ledger_account a ON a.cluster_id = e.cluster_id AND a.id = e.account_id
    WHERE h.cluster_id = %(c)s AND h.kind = 'paid' AND h.source_type = 'order' AND a.kind = 'clearing'
    GROUP BY h.source_id
) AS t ON t.source_id = o.id
WHERE o.cluster_id = %(c)s
    AND coalesce(t.amount, 0) <> CASE WHEN p.payment_state = 'paid' THEN o.total_minor ELSE 0 END
LIMIT 100;

-- name: line_refunds
-- I11: what a line gave back = what its shares gave back + what came out of escrow.
SELECT o.id, o.refunded::bigint, coalesce(r.amount, 0)::bigint
FROM (
    SELECT order_id AS id, sum(refunded_minor) AS refunded FROM orders_line WHERE cluster_id = %(c)s GROUP BY order_id
) AS o
LEFT JOIN (
    SELECT order_id, sum(amount_minor + kept_minor) AS amount FROM orders_refund
    WHERE cluster_id = %(c)s AND kind = 'order' GROUP BY order_id
) AS r ON r.order_id = o.id
WHERE o.refunded <> coalesce(r.amount, 0)
LIMIT 100;

-- name: pending_by_payee
-- I11 and I12: a payee's pending account = the open part of its shares of paid orders.
SELECT coalesce(s.payee_id, a.member_id), coalesce(s.open, 0)::bigint, coalesce(a.balance, 0)::bigint
FROM (
    SELECT h.payee_id, sum(h.amount_minor - h.released_minor - h.refunded_minor) AS open
    FROM orders_share h
    JOIN orders_order o ON o.cluster_id = h.cluster_id AND o.id = h.order_id
    JOIN orders_purchase p ON p.id = o.purchase_id
    WHERE h.cluster_id = %(c)s AND p.payment_state = 'paid'
    GROUP BY h.payee_id
) AS s
FULL JOIN (
    SELECT substr(k.subject, 8)::bigint AS member_id, sum(e.amount) AS balance
    FROM ledger_account k JOIN ledger_entry e ON e.cluster_id = k.cluster_id AND e.account_id = k.id
    WHERE k.cluster_id = %(c)s AND k.kind = 'pending' AND k.subject LIKE 'member:%%'
    GROUP BY k.subject
) AS a ON a.member_id = s.payee_id
WHERE coalesce(s.open, 0) <> coalesce(a.balance, 0)
LIMIT 100;

-- name: refunds_due
-- I12: refund_due of all gateways = refunds decided and not confirmed.
SELECT g.gateway, g.open::bigint, coalesce(a.balance, 0)::bigint
FROM (
    SELECT r.gateway, sum(CASE WHEN r.state = 'confirmed' THEN 0 ELSE r.amount_minor END) AS open
    FROM orders_refund r WHERE r.cluster_id = %(c)s GROUP BY r.gateway
) AS g
LEFT JOIN (
    SELECT substr(k.subject, 9) AS gateway, sum(e.amount) AS balance
    FROM ledger_account k JOIN ledger_entry e ON e.cluster_id = k.cluster_id AND e.account_id = k.id
    WHERE k.cluster_id = %(c)s AND k.kind = 'refund_due' GROUP BY k.subject
) AS a ON a.gateway = g.gateway
WHERE g.open <> coalesce(a.balance, 0);

-- name: stock_reserved
-- I16: pieces reserved = pieces of open lines; what was refunded before leaving is not reserved any more.
SELECT coalesce(k.id, 0), coalesce(k.reserved, 0)::bigint, coalesce(l.pieces, 0)::bigint
FROM (SELECT id, variant_id, place_id, reserved FROM catalog_stock WHERE cluster_id = %(c)s) AS k
FULL JOIN (
    SELECT variant_id, place_id, sum(quantity - refunded_quantity) AS pieces
    FROM orders_line WHERE cluster_id = %(c)s AND stock_state = 'reserved'
    GROUP BY variant_id, place_id
) AS l ON l.variant_id = k.variant_id AND l.place_id = k.place_id
WHERE coalesce(k.reserved, 0) <> coalesce(l.pieces, 0)
LIMIT 100;

-- name: orphans
-- Plain ids that name nothing: shares without a line, lines without an order, contacts without an order.
SELECT 'share', s.id FROM orders_share s
LEFT JOIN orders_line l ON l.cluster_id = s.cluster_id AND l.order_id = s.order_id AND l.id = s.line_id AND l.order_id = s.order_id
WHERE s.cluster_id = %(c)s AND l.id IS NULL
UNION ALL
SELECT 'payee of share', s.id FROM orders_share s LEFT JOIN members_member m ON m.id = s.payee_id AND m.cluster_id = s.cluster_id
WHERE s.cluster_id = %(c)s AND m.id IS NULL
UNION ALL
SELECT 'contact', t.id FROM orders_contact t LEFT JOIN orders_order o ON o.id = t.order_id AND o.cluster_id = t.cluster_id
WHERE t.cluster_id = %(c)s AND o.id IS NULL
LIMIT 100;
