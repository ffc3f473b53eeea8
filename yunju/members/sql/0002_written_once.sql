-- Agreements, what somebody agreed to, and who saw personal data are written once. The trigger holds for the owner too.
CREATE FUNCTION members_written_once() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = '23514';
END $$;

CREATE TRIGGER members_agreement_once BEFORE UPDATE OR DELETE ON members_agreement
FOR EACH ROW EXECUTE FUNCTION members_written_once();
CREATE TRIGGER members_agreement_once_all BEFORE TRUNCATE ON members_agreement
FOR EACH STATEMENT EXECUTE FUNCTION members_written_once();

CREATE TRIGGER members_acceptance_once BEFORE UPDATE OR DELETE ON members_acceptance
FOR EACH ROW EXECUTE FUNCTION members_written_once();
CREATE TRIGGER members_acceptance_once_all BEFORE TRUNCATE ON members_acceptance
FOR EACH STATEMENT EXECUTE FUNCTION members_written_once();

CREATE TRIGGER members_unmasking_once BEFORE UPDATE OR DELETE ON members_unmasking
FOR EACH ROW EXECUTE FUNCTION members_written_once();
CREATE TRIGGER members_unmasking_once_all BEFORE TRUNCATE ON members_unmasking
FOR EACH STATEMENT EXECUTE FUNCTION members_written_once();

REVOKE ALL ON FUNCTION members_written_once() FROM public;
REVOKE ALL ON members_agreement FROM public, {app};
GRANT SELECT, INSERT ON members_agreement TO {app};
REVOKE ALL ON members_acceptance FROM public, {app};
GRANT SELECT, INSERT ON members_acceptance TO {app};
REVOKE ALL ON members_unmasking FROM public, {app};
GRANT SELECT, INSERT ON members_unmasking TO {app};
