-- The ledger's guards: what the database itself refuses (invariants I1 to I5, I7, I9; I8 and I10 are constraints).
-- Trigger functions gather their transition table into arrays before they touch another table, so that the same
-- functions hold on distributed tables too. SQLSTATE 23514: the content is wrong. 42501: nobody may do this at all.

-- Every entry statement: balance per currency, count, numbering, header, account, currency, mirror; then cached balances.
CREATE FUNCTION ledger_entry_guard() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $guard$
DECLARE
    clusters bigint[];
    transfers bigint[];
    seqs int[];
    accounts bigint[];
    currencies text[];
    amounts bigint[];
    cached bigint[];
    moved record;
    wrong bigint;
    c bigint;
BEGIN
    SELECT array_agg(cluster_id), array_agg(transfer_id), array_agg(seq::int), array_agg(account_id),
        array_agg(currency::text), array_agg(amount)
    INTO clusters, transfers, seqs, accounts, currencies, amounts
    FROM new_entries;
    IF transfers IS NULL THEN
        RETURN NULL;
    END IF;

    SELECT e.t INTO wrong
    FROM unnest(clusters, transfers, currencies, amounts) AS e(cl, t, cur, a)
    GROUP BY e.cl, e.t, e.cur HAVING sum(e.a::numeric) <> 0 LIMIT 1;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'transfer % does not sum to zero', wrong USING ERRCODE = '23514', CONSTRAINT = 'ledger_balanced';
    END IF;

    FOR c IN SELECT DISTINCT x FROM unnest(clusters) AS x ORDER BY x LOOP
        SELECT g.t INTO wrong
        FROM (
            SELECT e.t, count(*) AS n, min(e.s) AS low, max(e.s) AS high
            FROM unnest(clusters, transfers, seqs) AS e(cl, t, s) WHERE e.cl = c GROUP BY e.t
        ) AS g
        LEFT JOIN ledger_transfer h ON h.cluster_id = c AND h.id = g.t
        WHERE h.id IS NULL OR g.n <> h.legs OR g.low <> 1 OR g.high <> h.legs
        LIMIT 1;
        IF wrong IS NOT NULL THEN
            RAISE EXCEPTION 'transfer % has not exactly its legs, numbered from 1', wrong
            USING ERRCODE = '23514', CONSTRAINT = 'ledger_legs';
        END IF;

        SELECT e.t INTO wrong
        FROM unnest(clusters, transfers, accounts, currencies) AS e(cl, t, a, cur)
        LEFT JOIN ledger_account k ON k.cluster_id = c AND k.id = e.a
        WHERE e.cl = c AND (k.id IS NULL OR k.currency <> e.cur)
        LIMIT 1;
        IF wrong IS NOT NULL THEN
            RAISE EXCEPTION 'transfer % names an unknown account or another currency', wrong
            USING ERRCODE = '23514', CONSTRAINT = 'ledger_currency';
        END IF;

        SELECT h.id INTO wrong
        FROM ledger_transfer h
        WHERE h.cluster_id = c AND h.reverses_id IS NOT NULL AND h.id = ANY(transfers) AND (
            EXISTS (
                SELECT 1
                FROM unnest(transfers, seqs, accounts, amounts) AS e(t, s, a, amt)
                LEFT JOIN ledger_entry o
                    ON o.cluster_id = c AND o.transfer_id = h.reverses_id AND o.seq = e.s
                WHERE e.t = h.id AND (o.id IS NULL OR o.account_id <> e.a OR o.amount <> -e.amt)
            )
            OR (SELECT o.legs FROM ledger_transfer o WHERE o.cluster_id = c AND o.id = h.reverses_id)
                IS DISTINCT FROM h.legs
        )
        LIMIT 1;
        IF wrong IS NOT NULL THEN
            RAISE EXCEPTION 'transfer % is not the mirror of the one it reverses', wrong
            USING ERRCODE = '23514', CONSTRAINT = 'ledger_mirror';
        END IF;

        -- Locked in id order, then moved one by one: a join of two unnested arrays becomes a nested loop of
        -- millions of steps where statistics are young: posting to 8,000 new payees took 18 s, like this under 3.
        cached := ARRAY(
            SELECT k.id FROM ledger_account k
            WHERE k.cluster_id = c AND k.id = ANY(accounts)
                AND k.kind IN ('available', 'reserve', 'paying_out', 'escrow', 'debt')
            ORDER BY k.id FOR NO KEY UPDATE
        );
        FOR moved IN
            SELECT e.a, sum(e.amt)::bigint AS amount, count(*) AS n
            FROM unnest(clusters, accounts, amounts) AS e(cl, a, amt)
            WHERE e.cl = c AND e.a = ANY(cached) GROUP BY e.a
        LOOP
            UPDATE ledger_account k SET balance = k.balance + moved.amount, version = k.version + moved.n
            WHERE k.cluster_id = c AND k.id = moved.a;
        END LOOP;
    END LOOP;
    RETURN NULL;
END
$guard$;

CREATE TRIGGER ledger_entry_guard AFTER INSERT ON ledger_entry
REFERENCING NEW TABLE AS new_entries FOR EACH STATEMENT EXECUTE FUNCTION ledger_entry_guard();

-- A header without its entries is refused at commit. A header with some of them cannot exist: the guard above.
CREATE FUNCTION ledger_transfer_filled() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $guard$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM ledger_entry e WHERE e.cluster_id = NEW.cluster_id AND e.transfer_id = NEW.id
    ) THEN
        RAISE EXCEPTION 'transfer % is empty', NEW.id USING ERRCODE = '23514', CONSTRAINT = 'ledger_filled';
    END IF;
    RETURN NULL;
END
$guard$;

CREATE CONSTRAINT TRIGGER ledger_transfer_filled AFTER INSERT ON ledger_transfer
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_transfer_filled();

-- Nothing written is changed, by nobody, the owner included.
CREATE FUNCTION ledger_forbid() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $guard$
BEGIN
    RAISE EXCEPTION '% on % is forbidden: the ledger is append-only', TG_OP, TG_TABLE_NAME
    USING ERRCODE = '42501', CONSTRAINT = 'ledger_append_only';
END
$guard$;

CREATE TRIGGER ledger_entry_keep BEFORE DELETE OR UPDATE ON ledger_entry
FOR EACH ROW EXECUTE FUNCTION ledger_forbid();
CREATE TRIGGER ledger_entry_keep_all BEFORE TRUNCATE ON ledger_entry
FOR EACH STATEMENT EXECUTE FUNCTION ledger_forbid();
CREATE TRIGGER ledger_transfer_keep BEFORE DELETE OR UPDATE ON ledger_transfer
FOR EACH ROW EXECUTE FUNCTION ledger_forbid();
CREATE TRIGGER ledger_transfer_keep_all BEFORE TRUNCATE ON ledger_transfer
FOR EACH STATEMENT EXECUTE FUNCTION ledger_forbid();
CREATE TRIGGER ledger_snapshot_keep BEFORE DELETE OR UPDATE ON ledger_snapshot
FOR EACH ROW EXECUTE FUNCTION ledger_forbid();
CREATE TRIGGER ledger_snapshot_keep_all BEFORE TRUNCATE ON ledger_snapshot
FOR EACH STATEMENT EXECUTE FUNCTION ledger_forbid();
CREATE TRIGGER ledger_account_keep BEFORE DELETE ON ledger_account
FOR EACH ROW EXECUTE FUNCTION ledger_forbid();
CREATE TRIGGER ledger_account_keep_all BEFORE TRUNCATE ON ledger_account
FOR EACH STATEMENT EXECUTE FUNCTION ledger_forbid();

-- An account begins empty; later only the entry guard moves its balance, and who and what it is never changes.
-- pg_trigger_depth tells the guard's own update (depth 2) from anybody's plain one (depth 1).
CREATE FUNCTION ledger_account_guard() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $guard$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.balance <> 0 OR NEW.version <> 0 THEN
            RAISE EXCEPTION 'an account begins at zero' USING ERRCODE = '42501', CONSTRAINT = 'ledger_account_empty';
        END IF;
        RETURN NEW;
    END IF;
    IF pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'UPDATE on ledger_account is forbidden: balances move by entries'
        USING ERRCODE = '42501', CONSTRAINT = 'ledger_account_moved_by_entries';
    END IF;
    IF (NEW.id, NEW.cluster_id, NEW.subject, NEW.kind, NEW.currency)
        IS DISTINCT FROM (OLD.id, OLD.cluster_id, OLD.subject, OLD.kind, OLD.currency) THEN
        RAISE EXCEPTION 'an account does not change who or what it is'
        USING ERRCODE = '42501', CONSTRAINT = 'ledger_account_identity';
    END IF;
    RETURN NEW;
END
$guard$;

CREATE TRIGGER ledger_account_guard BEFORE INSERT OR UPDATE ON ledger_account
FOR EACH ROW EXECUTE FUNCTION ledger_account_guard();

-- Lock cached accounts in id order and answer their balances: the waterfall of refunds and the netting of debt read here.
-- The application role has no UPDATE on accounts and therefore no row lock of its own.
CREATE FUNCTION ledger_lock_accounts(c bigint, ids bigint[]) RETURNS TABLE (id bigint, balance bigint)
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $guard$
    SELECT k.id, k.balance FROM ledger_account k
    WHERE k.cluster_id = c AND k.id = ANY(ids) ORDER BY k.id FOR NO KEY UPDATE
$guard$;

-- The highest entry id below which nothing can appear any more. Entry ids are drawn inside the INSERT, after its table
-- lock; SHARE waits for every running INSERT, so that all smaller ids are committed or will never be. The lock goes with
-- the subtransaction that took it: writers wait for this function, not for its caller's commit.
CREATE FUNCTION ledger_settled() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $guard$
DECLARE
    top bigint;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'what is settled cannot be seen in an older snapshot' USING ERRCODE = '25001';
    END IF;
    BEGIN
        LOCK TABLE ledger_entry IN SHARE MODE;
        SELECT coalesce(max(e.id), 0) INTO top FROM ledger_entry e;
        RAISE EXCEPTION 'give the lock back' USING ERRCODE = 'YJ001';
    EXCEPTION WHEN SQLSTATE 'YJ001' THEN
        NULL;
    END;
    RETURN top;
END
$guard$;

-- What the entries of an account say up to `upto`, from its last snapshot on: the only way a snapshot is computed.
CREATE FUNCTION ledger_recount(c bigint, account bigint, upto bigint, OUT balance bigint, OUT entries bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $guard$
    SELECT (coalesce(p.balance, 0) + coalesce(t.amount, 0))::bigint, coalesce(p.entries, 0) + t.n
    FROM (SELECT 1) AS one
    LEFT JOIN LATERAL (
        SELECT s.balance, s.entries, s.upto_entry_id FROM ledger_snapshot s
        WHERE s.cluster_id = c AND s.account_id = account AND s.upto_entry_id < upto
        ORDER BY s.upto_entry_id DESC LIMIT 1
    ) AS p ON true
    CROSS JOIN LATERAL (
        SELECT sum(e.amount)::bigint AS amount, count(*) AS n FROM ledger_entry e
        WHERE e.cluster_id = c AND e.account_id = account AND e.id > coalesce(p.upto_entry_id, 0) AND e.id <= upto
    ) AS t
$guard$;

-- Whoever writes a snapshot, the owner included: it is of settled entries, and it is what they say.
CREATE FUNCTION ledger_snapshot_guard() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $guard$
DECLARE
    clusters bigint[];
    accounts bigint[];
    uptos bigint[];
    balances bigint[];
    counts bigint[];
    wrong bigint;
BEGIN
    SELECT array_agg(cluster_id), array_agg(account_id), array_agg(upto_entry_id), array_agg(balance), array_agg(entries)
    INTO clusters, accounts, uptos, balances, counts
    FROM new_snapshots;
    IF accounts IS NULL THEN
        RETURN NULL;
    END IF;
    IF (SELECT max(u) FROM unnest(uptos) AS u) > ledger_settled() THEN
        RAISE EXCEPTION 'a snapshot of what is not settled' USING ERRCODE = '23514', CONSTRAINT = 'ledger_snapshot_settled';
    END IF;
    SELECT s.a INTO wrong
    FROM unnest(clusters, accounts, uptos, balances, counts) AS s(cl, a, u, b, n)
    CROSS JOIN LATERAL ledger_recount(s.cl, s.a, s.u) AS r
    WHERE r.balance <> s.b OR r.entries <> s.n OR r.entries = 0
    LIMIT 1;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'the snapshot of account % is not what its entries say', wrong
        USING ERRCODE = '23514', CONSTRAINT = 'ledger_snapshot_true';
    END IF;
    RETURN NULL;
END
$guard$;

CREATE TRIGGER ledger_snapshot_guard AFTER INSERT ON ledger_snapshot
REFERENCING NEW TABLE AS new_snapshots FOR EACH STATEMENT EXECUTE FUNCTION ledger_snapshot_guard();

-- The application's way to snapshots: every account that has entries since its last one.
CREATE FUNCTION ledger_take_snapshot(c bigint, upto bigint, moment timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $guard$
DECLARE
    written bigint;
BEGIN
    INSERT INTO ledger_snapshot (cluster_id, account_id, upto_entry_id, balance, entries, verified_at)
    SELECT c, k.id, upto, r.balance, r.entries, moment
    FROM ledger_account k
    CROSS JOIN LATERAL ledger_recount(c, k.id, upto) AS r
    WHERE k.cluster_id = c AND r.entries > coalesce((
        SELECT max(s.entries) FROM ledger_snapshot s WHERE s.cluster_id = c AND s.account_id = k.id
    ), 0)
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS written = ROW_COUNT;
    RETURN written;
END
$guard$;

REVOKE ALL ON FUNCTION ledger_entry_guard(), ledger_transfer_filled(), ledger_forbid(), ledger_account_guard(),
ledger_lock_accounts(bigint, bigint[]), ledger_settled(), ledger_recount(bigint, bigint, bigint), ledger_snapshot_guard(),
ledger_take_snapshot(bigint, bigint, timestamptz) FROM public;
GRANT EXECUTE ON FUNCTION ledger_lock_accounts(bigint, bigint[]), ledger_settled(),
ledger_take_snapshot(bigint, bigint, timestamptz) TO {app};

-- Rights: the application reads everything, adds rows, and nothing else. The id of an entry is the database's to give:
-- settled() rests on it, so the column is in no grant.
ALTER TABLE ledger_entry ALTER COLUMN id SET GENERATED ALWAYS;
REVOKE ALL ON ledger_account, ledger_transfer, ledger_entry, ledger_snapshot FROM public, {app};
GRANT SELECT ON ledger_account, ledger_transfer, ledger_entry, ledger_snapshot TO {app};
GRANT INSERT ON ledger_transfer TO {app};
GRANT INSERT (cluster_id, transfer_id, seq, account_id, currency, amount) ON ledger_entry TO {app};
GRANT INSERT (cluster_id, subject, kind, currency) ON ledger_account TO {app};
