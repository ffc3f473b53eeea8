-- The ledger proved from its entries. `count_*` say how many rows were looked at; each other statement answers the
-- broken ones as (noun, id, what was found). `since` is the last verified entry, 0 for the whole book.

-- name: last_verified
SELECT coalesce(max(s.upto_entry_id), 0) FROM ledger_snapshot AS s WHERE s.cluster_id = %(cluster)s;

-- name: last_verified_at
SELECT max(s.verified_at) FROM ledger_snapshot AS s WHERE s.cluster_id = %(cluster)s;

-- name: clusters
SELECT DISTINCT k.cluster_id FROM ledger_account AS k ORDER BY k.cluster_id;

-- name: count_entries
SELECT count(*) FROM ledger_entry AS e WHERE e.cluster_id = %(cluster)s AND e.id > %(since)s;

-- name: count_transfers
SELECT count(DISTINCT e.transfer_id) FROM ledger_entry AS e WHERE e.cluster_id = %(cluster)s AND e.id > %(since)s;

-- name: count_accounts
SELECT count(*) FROM ledger_account AS k WHERE k.cluster_id = %(cluster)s;

-- name: count_cached
SELECT count(*) FROM ledger_account AS k WHERE k.cluster_id = %(cluster)s AND k.kind = ANY(%(cached)s::text []);

-- name: count_reversals
SELECT count(DISTINCT h.id) FROM ledger_transfer AS h
INNER JOIN ledger_entry AS e ON h.id = e.transfer_id AND e.cluster_id = %(cluster)s
WHERE h.cluster_id = %(cluster)s AND h.reverses_id IS NOT NULL AND e.id > %(since)s;

-- name: count_snapshots
SELECT count(*) FROM ledger_snapshot AS s WHERE s.cluster_id = %(cluster)s;

-- name: sum
WITH parts AS (
    SELECT k.currency, s.balance FROM ledger_account AS k
    CROSS JOIN LATERAL (
        SELECT p.balance FROM ledger_snapshot AS p
        WHERE %(since)s > 0 AND p.cluster_id = %(cluster)s AND p.account_id = k.id
        ORDER BY p.upto_entry_id DESC LIMIT 1
    ) AS s
    WHERE k.cluster_id = %(cluster)s
    UNION ALL
    SELECT e.currency, e.amount FROM ledger_entry AS e
    LEFT JOIN LATERAL (
        SELECT max(p.upto_entry_id) AS upto FROM ledger_snapshot AS p
        WHERE %(since)s > 0 AND p.cluster_id = %(cluster)s AND p.account_id = e.account_id
    ) AS s ON TRUE
    WHERE e.cluster_id = %(cluster)s AND e.id > %(since)s AND e.id > coalesce(s.upto, 0)
)
SELECT 'currency', 0, p.currency || ' sums to ' || sum(p.balance) FROM parts AS p
GROUP BY p.currency HAVING sum(p.balance) <> 0;

-- name: i1
SELECT 'transfer', e.transfer_id, e.currency || ' sums to ' || sum(e.amount) FROM ledger_entry AS e
WHERE e.cluster_id = %(cluster)s AND e.id > %(since)s
GROUP BY e.transfer_id, e.currency HAVING sum(e.amount) <> 0 ORDER BY e.transfer_id LIMIT %(most)s;

-- name: i2
SELECT 'transfer', e.transfer_id, 'amount ' || e.amount FROM ledger_entry AS e
WHERE e.cluster_id = %(cluster)s AND e.id > %(since)s AND (e.amount = 0 OR abs(e.amount) > %(largest)s)
ORDER BY e.id LIMIT %(most)s;

-- name: i4
WITH counted AS (
    SELECT e.transfer_id, count(*) AS n, count(DISTINCT e.seq) AS seqs, min(e.seq) AS low, max(e.seq) AS high
    FROM ledger_entry AS e WHERE e.cluster_id = %(cluster)s AND e.id > %(since)s GROUP BY e.transfer_id
),

headers AS (
    SELECT h.id, h.legs FROM ledger_transfer AS h
    WHERE
        h.cluster_id = %(cluster)s
        AND (%(since)s = 0 OR h.id >= (SELECT min(c.transfer_id) FROM counted AS c))
)

SELECT
    'transfer', coalesce(c.transfer_id, h.id),
    'entries ' || coalesce(c.n, 0) || ', legs ' || coalesce(h.legs::text, 'without header')
FROM counted AS c
FULL JOIN headers AS h ON c.transfer_id = h.id
WHERE
    (c.transfer_id IS NULL AND NOT EXISTS (
        SELECT 1 FROM ledger_entry AS e WHERE e.cluster_id = %(cluster)s AND e.transfer_id = h.id
    ))
    OR (c.transfer_id IS NOT NULL AND (
        h.id IS NULL OR c.n <> h.legs OR c.seqs <> c.n OR c.low <> 1 OR c.high <> h.legs OR c.n < 2
    ))
ORDER BY 2 LIMIT %(most)s;

-- name: i5
SELECT 'transfer', e.transfer_id, e.currency || ' in ' || coalesce('an account of ' || k.currency, 'no account')
FROM ledger_entry AS e
LEFT JOIN ledger_account AS k ON e.account_id = k.id AND k.cluster_id = %(cluster)s
WHERE e.cluster_id = %(cluster)s AND e.id > %(since)s AND e.currency IS DISTINCT FROM k.currency
ORDER BY e.id LIMIT %(most)s;

-- name: i6
SELECT 'account', k.id, 'balance ' || k.balance || ', entries say ' || coalesce(s.balance, 0) + t.amount
FROM ledger_account AS k
LEFT JOIN LATERAL (
    SELECT p.balance, p.upto_entry_id FROM ledger_snapshot AS p
    WHERE %(since)s > 0 AND p.cluster_id = %(cluster)s AND p.account_id = k.id
    ORDER BY p.upto_entry_id DESC LIMIT 1
) AS s ON TRUE
CROSS JOIN LATERAL (
    SELECT coalesce(sum(e.amount), 0) AS amount FROM ledger_entry AS e
    WHERE e.cluster_id = %(cluster)s AND e.account_id = k.id AND e.id > coalesce(s.upto_entry_id, 0)
) AS t
WHERE
    k.cluster_id = %(cluster)s AND k.kind = ANY(%(cached)s::text [])
    AND k.balance <> coalesce(s.balance, 0) + t.amount
ORDER BY k.id LIMIT %(most)s;

-- name: i7
SELECT 'account', k.id, k.subject || ' ' || k.kind || ' is ' || k.balance FROM ledger_account AS k
WHERE
    k.cluster_id = %(cluster)s
    AND ((k.kind = ANY(%(floored)s::text []) AND k.balance < 0) OR (k.kind = 'debt' AND k.balance > 0))
ORDER BY k.id LIMIT %(most)s;

-- name: i9
WITH reversals AS (
    SELECT DISTINCT h.id, h.reverses_id, h.legs FROM ledger_transfer AS h
    INNER JOIN ledger_entry AS e ON h.id = e.transfer_id AND e.cluster_id = %(cluster)s
    WHERE h.cluster_id = %(cluster)s AND h.reverses_id IS NOT NULL AND e.id > %(since)s
)

SELECT 'transfer', r.id, 'no mirror of transfer ' || r.reverses_id FROM reversals AS r
LEFT JOIN ledger_transfer AS o ON r.reverses_id = o.id AND o.cluster_id = %(cluster)s
WHERE
    o.id IS NULL OR o.legs <> r.legs
    OR EXISTS (
        SELECT 1 FROM ledger_entry AS m
        LEFT JOIN ledger_entry AS e ON e.cluster_id = %(cluster)s AND e.transfer_id = o.id AND e.seq = m.seq
        WHERE
            m.cluster_id = %(cluster)s AND m.transfer_id = r.id
            AND (e.id IS NULL OR e.account_id <> m.account_id OR e.amount <> -m.amount)
    )
    OR EXISTS (
        SELECT 1 FROM ledger_transfer AS x
        WHERE x.cluster_id = %(cluster)s AND x.reverses_id = r.reverses_id AND x.id <> r.id
    )
ORDER BY r.id LIMIT %(most)s;

-- name: i10
WITH recent AS (
    SELECT DISTINCT h.* FROM ledger_transfer AS h
    INNER JOIN ledger_entry AS e ON h.id = e.transfer_id AND e.cluster_id = %(cluster)s
    WHERE h.cluster_id = %(cluster)s AND e.id > %(since)s
)

SELECT 'transfer', r.id, 'the same event as transfer ' || min(x.id) FROM recent AS r
INNER JOIN ledger_transfer AS x
    ON
        x.cluster_id = %(cluster)s AND r.kind = x.kind AND r.source_type = x.source_type
        AND r.source_id = x.source_id AND r.step = x.step AND r.id > x.id
GROUP BY r.id ORDER BY r.id LIMIT %(most)s;

-- name: i13
SELECT 'account', k.id, 'version ' || k.version || ', entries ' || coalesce(s.entries, 0) + t.n
FROM ledger_account AS k
LEFT JOIN LATERAL (
    SELECT p.entries, p.upto_entry_id FROM ledger_snapshot AS p
    WHERE %(since)s > 0 AND p.cluster_id = %(cluster)s AND p.account_id = k.id
    ORDER BY p.upto_entry_id DESC LIMIT 1
) AS s ON TRUE
CROSS JOIN LATERAL (
    SELECT count(*) AS n FROM ledger_entry AS e
    WHERE e.cluster_id = %(cluster)s AND e.account_id = k.id AND e.id > coalesce(s.upto_entry_id, 0)
) AS t
WHERE
    k.cluster_id = %(cluster)s AND k.kind = ANY(%(cached)s::text [])
    AND k.version <> coalesce(s.entries, 0) + t.n
ORDER BY k.id LIMIT %(most)s;

-- name: snapshots
WITH steps AS (
    SELECT
        s.account_id, s.upto_entry_id, s.balance, s.entries,
        lag(s.upto_entry_id, 1, 0::bigint) OVER w AS since,
        lag(s.balance, 1, 0::bigint) OVER w AS before, lag(s.entries, 1, 0::bigint) OVER w AS counted
    FROM ledger_snapshot AS s WHERE s.cluster_id = %(cluster)s
    WINDOW w AS (PARTITION BY s.account_id ORDER BY s.upto_entry_id)
)

SELECT
    'account', s.account_id,
    'snapshot up to ' || s.upto_entry_id || ' says ' || s.balance || ', entries say ' || s.before + t.amount
FROM steps AS s
CROSS JOIN LATERAL (
    SELECT coalesce(sum(e.amount), 0) AS amount, count(*) AS n FROM ledger_entry AS e
    WHERE
        e.cluster_id = %(cluster)s AND e.account_id = s.account_id
        AND e.id > s.since AND e.id <= s.upto_entry_id
) AS t
WHERE s.balance <> s.before + t.amount OR s.entries <> s.counted + t.n
ORDER BY s.account_id, s.upto_entry_id LIMIT %(most)s;
