-- The ledger's own statements, loaded by name. Each has the cluster first; none grows in number with its rows.

-- name: find_accounts
SELECT k.id, k.subject, k.kind FROM ledger_account AS k
INNER JOIN unnest(%(subjects)s::text [], %(kinds)s::text []) AS w (subject, kind)
    ON k.subject = w.subject AND k.kind = w.kind
WHERE k.cluster_id = %(cluster)s AND k.currency = %(currency)s;

-- name: make_accounts
INSERT INTO ledger_account (cluster_id, subject, kind, currency)
SELECT %(cluster)s, w.subject, w.kind, %(currency)s
FROM unnest(%(subjects)s::text [], %(kinds)s::text []) AS w (subject, kind)
ON CONFLICT DO NOTHING;

-- name: write_transfers
INSERT INTO ledger_transfer
(id, cluster_id, kind, source_type, source_id, step, legs, reverses_id, effective_at, created_at)
SELECT w.id, %(cluster)s, w.kind, w.source_type, w.source_id, w.step, w.legs, w.reverses_id, w.effective_at, %(now)s
FROM unnest(
    %(ids)s::bigint [], %(kinds)s::text [], %(source_types)s::text [], %(source_ids)s::bigint [], %(steps)s::int [],
    %(legs)s::int [], %(reverses)s::bigint [], %(effective)s::timestamptz []
) AS w (id, kind, source_type, source_id, step, legs, reverses_id, effective_at);

-- name: write_entries
INSERT INTO ledger_entry (cluster_id, transfer_id, seq, account_id, currency, amount)
SELECT %(cluster)s, w.transfer_id, w.seq, w.account_id, w.currency, w.amount
FROM unnest(
    %(transfers)s::bigint [], %(seqs)s::int [], %(accounts)s::bigint [], %(currencies)s::text [], %(amounts)s::bigint []
) AS w (transfer_id, seq, account_id, currency, amount);

-- name: lock_accounts
SELECT l.id, l.balance FROM ledger_lock_accounts(%(cluster)s::bigint, %(ids)s::bigint []) AS l;

-- name: legs_of
SELECT k.subject, k.kind, e.amount, e.currency FROM ledger_entry AS e
INNER JOIN ledger_account AS k ON e.account_id = k.id AND k.cluster_id = %(cluster)s
WHERE e.cluster_id = %(cluster)s AND e.transfer_id = %(transfer)s
ORDER BY e.seq;

-- name: settled
SELECT ledger_settled();

-- name: take_snapshot
SELECT ledger_take_snapshot(%(cluster)s::bigint, %(upto)s::bigint, %(now)s);

-- name: balances
SELECT k.subject, k.kind, CASE WHEN c.cached THEN k.balance ELSE coalesce(s.balance, 0) + coalesce(t.amount, 0) END
FROM ledger_account AS k
CROSS JOIN LATERAL (SELECT k.kind = ANY(%(cached)s::text []) AS cached) AS c
LEFT JOIN LATERAL (
    SELECT p.balance, p.upto_entry_id FROM ledger_snapshot AS p
    WHERE NOT c.cached AND p.cluster_id = %(cluster)s AND p.account_id = k.id
    ORDER BY p.upto_entry_id DESC LIMIT 1
) AS s ON TRUE
LEFT JOIN LATERAL (
    SELECT sum(e.amount)::bigint AS amount FROM ledger_entry AS e
    WHERE
        NOT c.cached AND e.cluster_id = %(cluster)s AND e.account_id = k.id
        AND e.id > coalesce(s.upto_entry_id, 0)
) AS t ON TRUE
WHERE k.cluster_id = %(cluster)s AND k.currency = %(currency)s AND k.subject = ANY(%(subjects)s::text []);

-- name: total
SELECT coalesce(sum(CASE WHEN c.cached THEN k.balance ELSE coalesce(s.balance, 0) + coalesce(t.amount, 0) END), 0)::bigint
FROM ledger_account AS k
CROSS JOIN LATERAL (SELECT k.kind = ANY(%(cached)s::text []) AS cached) AS c
LEFT JOIN LATERAL (
    SELECT p.balance, p.upto_entry_id FROM ledger_snapshot AS p
    WHERE NOT c.cached AND p.cluster_id = %(cluster)s AND p.account_id = k.id
    ORDER BY p.upto_entry_id DESC LIMIT 1
) AS s ON TRUE
LEFT JOIN LATERAL (
    SELECT sum(e.amount)::bigint AS amount FROM ledger_entry AS e
    WHERE
        NOT c.cached AND e.cluster_id = %(cluster)s AND e.account_id = k.id
        AND e.id > coalesce(s.upto_entry_id, 0)
) AS t ON TRUE
WHERE k.cluster_id = %(cluster)s AND k.currency = %(currency)s AND k.kind = %(kind)s;

-- name: entries
SELECT e.transfer_id, k.kind, e.amount, h.kind, h.source_type, h.source_id, h.step, h.effective_at
FROM ledger_account AS k
INNER JOIN ledger_entry AS e ON k.id = e.account_id AND e.cluster_id = %(cluster)s
INNER JOIN ledger_transfer AS h ON e.transfer_id = h.id AND h.cluster_id = %(cluster)s
WHERE
    k.cluster_id = %(cluster)s AND k.subject = %(subject)s
    AND h.effective_at >= %(since)s AND h.effective_at < %(until)s
ORDER BY e.id;

-- name: legs_for
SELECT h.id, h.kind, h.source_type, h.source_id, h.effective_at, e.seq, k.subject, k.kind, e.amount
FROM unnest(%(kinds)s::text [], %(types)s::text [], %(ids)s::bigint []) AS w (kind, source_type, source_id)
INNER JOIN ledger_transfer AS h
    ON
        h.cluster_id = %(cluster)s AND w.kind = h.kind
        AND w.source_type = h.source_type AND w.source_id = h.source_id
INNER JOIN ledger_entry AS e ON h.id = e.transfer_id AND e.cluster_id = %(cluster)s
INNER JOIN ledger_account AS k ON e.account_id = k.id AND k.cluster_id = %(cluster)s
ORDER BY h.id, e.seq;
