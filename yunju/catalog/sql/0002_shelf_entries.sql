-- Each offer has one shelf entry. Whoever writes offers or variants, by whatever statement, the entry follows.

CREATE FUNCTION catalog_entry_of_offer() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    INSERT INTO catalog_shelfentry (offer_id, cluster_id, words, seg_version, least_minor, most_minor, sold)
    SELECT id, cluster_id, '', 0, 0, 0, 0 FROM fresh
    ON CONFLICT (offer_id) DO NOTHING;
    RETURN NULL;
END $$;

CREATE TRIGGER entry_of_offer AFTER INSERT ON catalog_offer
REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION catalog_entry_of_offer();

-- The words are cut in Python: here an entry is only marked as old.
CREATE FUNCTION catalog_entry_is_old() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    UPDATE catalog_shelfentry AS e SET seg_version = 0
    FROM fresh AS f JOIN stale AS s ON s.id = f.id
    WHERE e.offer_id = f.id AND e.seg_version <> 0
        AND (f.title, f.brand, f.tags, f.body_html, f.category_id)
        IS DISTINCT FROM (s.title, s.brand, s.tags, s.body_html, s.category_id);
    RETURN NULL;
END $$;

CREATE TRIGGER entry_is_old AFTER UPDATE ON catalog_offer
REFERENCING OLD TABLE AS stale NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION catalog_entry_is_old();

CREATE FUNCTION catalog_entry_prices() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    UPDATE catalog_shelfentry AS e SET least_minor = p.least, most_minor = p.most
    FROM (
        SELECT v.offer_id, min(v.price_minor) AS least, max(v.price_minor) AS most
        FROM catalog_variant AS v
        WHERE v.offer_id IN (SELECT f.offer_id FROM fresh AS f) AND v.closed_at IS NULL
        GROUP BY v.offer_id
    ) AS p
    WHERE e.offer_id = p.offer_id AND (e.least_minor, e.most_minor) IS DISTINCT FROM (p.least, p.most);
    RETURN NULL;
END $$;

CREATE TRIGGER entry_prices_made AFTER INSERT ON catalog_variant
REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION catalog_entry_prices();

CREATE TRIGGER entry_prices_changed AFTER UPDATE ON catalog_variant
REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION catalog_entry_prices();

-- What is there already: entries with prices; the worker writes their words.
INSERT INTO catalog_shelfentry (offer_id, cluster_id, words, seg_version, least_minor, most_minor, sold)
SELECT o.id, o.cluster_id, '', 0, coalesce(p.least, 0), coalesce(p.most, 0), 0
FROM catalog_offer AS o
LEFT JOIN (
    SELECT offer_id, min(price_minor) AS least, max(price_minor) AS most
    FROM catalog_variant WHERE closed_at IS NULL GROUP BY offer_id
) AS p ON p.offer_id = o.id;
