-- What changed about an offer is told once and stays told: the application writes events and reads them.
REVOKE UPDATE, DELETE, TRUNCATE ON catalog_offerevent FROM {app};
