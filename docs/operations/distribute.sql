-- The keys of the hot tables begin with the cluster, as Citus wants it. Run once as the owner, with web and worker stopped:
--     psql "$DATABASE_OWNER_URL" -v ON_ERROR_STOP=1 -1 -f docs/operations/distribute.sql
-- Plain PostgreSQL runs on with these keys: tests/clusters/test_distribute.py plays a day of a market on them.
-- What it leaves: `payments_notification`, which has no cluster, and indexes that are not unique.

CREATE TEMPORARY TABLE hot ON COMMIT DROP AS
SELECT ('public.' || name)::regclass AS id FROM unnest(ARRAY[
    'catalog_stock', 'kernel_outbox', 'ledger_account', 'ledger_entry', 'ledger_snapshot', 'ledger_transfer',
    'notices_notice', 'orders_contact', 'orders_event', 'orders_flowtimer', 'orders_line', 'orders_order',
    'orders_purchase', 'orders_refund', 'orders_refundpart', 'orders_share', 'payments_attempt',
    'payments_paymentevent', 'ship_parcel', 'ship_scan', 'ship_wave', 'ship_waveorder'
]) AS name;

-- Primary and unique keys that lack the cluster, and foreign keys from one hot table to another.
CREATE TEMPORARY TABLE changed ON COMMIT DROP AS
SELECT
    k.conname AS name, k.contype AS kind, k.conrelid::regclass AS owner, k.confrelid::regclass AS parent,
    (
        SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY p.place)
        FROM unnest(k.conkey) WITH ORDINALITY AS p(attnum, place)
        JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = p.attnum
    ) AS columns
FROM pg_constraint AS k
WHERE k.conrelid IN (SELECT id FROM hot) AND (
    (k.contype = 'f' AND k.confrelid IN (SELECT id FROM hot))
    OR (k.contype IN ('p', 'u') AND NOT EXISTS (
        SELECT FROM pg_attribute AS a
        WHERE a.attrelid = k.conrelid AND a.attname = 'cluster_id' AND a.attnum = ANY(k.conkey)
    ))
);

DO $$
DECLARE
    one record;
BEGIN
    FOR one IN SELECT * FROM changed WHERE kind = 'f' LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', one.owner, one.name);
    END LOOP;
    FOR one IN SELECT * FROM changed WHERE kind IN ('p', 'u') LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', one.owner, one.name);
        EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I %s (cluster_id, %s)', one.owner, one.name,
            CASE one.kind WHEN 'p' THEN 'PRIMARY KEY' ELSE 'UNIQUE' END, one.columns);
    END LOOP;
    FOR one IN SELECT * FROM changed WHERE kind = 'f' LOOP
        EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I FOREIGN KEY (cluster_id, %s) REFERENCES %s (cluster_id, id)'
            ' DEFERRABLE INITIALLY DEFERRED', one.owner, one.name, one.columns, one.parent);
    END LOOP;
END
$$;
