-- What happened to a shop is written once: the rows can be neither changed nor deleted, by anybody.

CREATE FUNCTION shops_event_keep() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $guard$
BEGIN
    RAISE EXCEPTION '% on % is forbidden', TG_OP, TG_TABLE_NAME USING ERRCODE = '42501';
END
$guard$;

CREATE TRIGGER shops_event_keep BEFORE UPDATE OR DELETE ON shops_shopevent
FOR EACH ROW EXECUTE FUNCTION shops_event_keep();
CREATE TRIGGER shops_event_keep_all BEFORE TRUNCATE ON shops_shopevent
FOR EACH STATEMENT EXECUTE FUNCTION shops_event_keep();

REVOKE ALL ON FUNCTION shops_event_keep() FROM public;
REVOKE ALL ON shops_shopevent FROM public, {app};
GRANT SELECT, INSERT ON shops_shopevent TO {app};
