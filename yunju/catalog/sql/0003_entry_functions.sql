-- Functions of triggers are run by their triggers alone, like those of every other room.

REVOKE ALL ON FUNCTION catalog_entry_of_offer() FROM public;
REVOKE ALL ON FUNCTION catalog_entry_is_old() FROM public;
REVOKE ALL ON FUNCTION catalog_entry_prices() FROM public;
