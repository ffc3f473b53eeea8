-- What happened stays: event rows are never changed, and nothing with money in it is deleted by the application.
-- Carts, timers and case timers are not listed: they come and go.

REVOKE UPDATE, DELETE, TRUNCATE ON orders_event, orders_refundpart FROM {app};
REVOKE DELETE, TRUNCATE ON orders_purchase, orders_order, orders_line, orders_share, orders_contact, orders_case,
orders_caseline, orders_refund FROM {app};
