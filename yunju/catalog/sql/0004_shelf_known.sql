-- The shelf entry knows whose the offer is and since when it is on the shelf: no list reads the offer to decide that.

CREATE OR REPLACE FUNCTION catalog_entry_of_offer() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    INSERT INTO catalog_shelfentry (
        offer_id, cluster_id, supplier_id, listed_at, words, seg_version, least_minor, most_minor, sold, front
    )
    SELECT
        id, cluster_id, supplier_id,
        CASE WHEN withdrawn_at IS NULL AND closed_at IS NULL THEN listed_at END,
        '', 0, 0, 0, 0, 0
    FROM fresh
    ON CONFLICT (offer_id) DO NOTHING;
    RETURN NULL;
END $$;

-- One write for both: the words are old, or the offer came onto the shelf or left it.
CREATE OR REPLACE FUNCTION catalog_entry_is_old() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    UPDATE catalog_shelfentry AS e
    SET seg_version = CASE WHEN n.is_old THEN 0 ELSE e.seg_version END,
        supplier_id = n.supplier_id,
        listed_at = n.seen_since
    FROM (
        SELECT
            f.id, f.supplier_id,
            CASE WHEN f.withdrawn_at IS NULL AND f.closed_at IS NULL THEN f.listed_at END AS seen_since,
            (f.title, f.brand, f.tags, f.body_html, f.category_id)
            IS DISTINCT FROM (s.title, s.brand, s.tags, s.body_html, s.category_id) AS is_old
        FROM fresh AS f JOIN stale AS s ON s.id = f.id
    ) AS n
    WHERE e.offer_id = n.id
        AND (
            (n.is_old AND e.seg_version <> 0)
            OR (e.supplier_id, e.listed_at) IS DISTINCT FROM (n.supplier_id, n.seen_since)
        );
    RETURN NULL;
END $$;

UPDATE catalog_shelfentry AS e
SET supplier_id = o.supplier_id,
    listed_at = CASE WHEN o.withdrawn_at IS NULL AND o.closed_at IS NULL THEN o.listed_at END
FROM catalog_offer AS o
WHERE o.id = e.offer_id;
