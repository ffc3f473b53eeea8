-- What happened to a member is written once. The application role reads and adds; the trigger holds for the owner too.
CREATE FUNCTION members_event_keep() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    RAISE EXCEPTION 'members_memberevent is append-only: % refused', TG_OP USING ERRCODE = '23514';
END $$;

CREATE TRIGGER members_event_keep BEFORE UPDATE OR DELETE ON members_memberevent
FOR EACH ROW EXECUTE FUNCTION members_event_keep();

CREATE TRIGGER members_event_keep_all BEFORE TRUNCATE ON members_memberevent
FOR EACH STATEMENT EXECUTE FUNCTION members_event_keep();

REVOKE ALL ON FUNCTION members_event_keep() FROM public;
REVOKE ALL ON members_memberevent FROM public, {app};
GRANT SELECT, INSERT ON members_memberevent TO {app};
