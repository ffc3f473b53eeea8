-- What a transaction was written for must be so at its end, or it is undone: for those that are sent whole, without a look
-- at what comes back in between.
CREATE FUNCTION kernel_expect(holds boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog AS $expect$
BEGIN
    IF holds IS NOT TRUE THEN
        RAISE EXCEPTION 'not as expected' USING ERRCODE = 'YJ001';
    END IF;
END
$expect$;

REVOKE EXECUTE ON FUNCTION kernel_expect(boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kernel_expect(boolean) TO {app};
