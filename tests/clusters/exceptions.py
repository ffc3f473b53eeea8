"""What breaks the rules today, each with what becomes of it when the hot tables are distributed.

`docs/operations/scale.md` says the same in words. A line that is no longer needed fails the test: this list only shrinks.
"""

DUE = "a worker looks for what is due in all clusters; distributed, it asks cluster by cluster, and the index begins with it"
OF_PARENT = "the order, refund, parcel or wave it leads to has one cluster: with that before it the index finds the same rows"
PROVIDER = "a provider names our number and no cluster; distributed, the number carries the cluster"
INBOX = "a provider's message is noted before anything is known of it; distributed, the number in it says the cluster"
EVERY_SHARD = (
    "not unique, and finds rows by their time alone: every shard has its own, nothing needs to change"
)
KEPT = "the cluster stands in each row of a list, for the sake of a kept plan; keys that begin with it let it stand as a value"
SETTLED = "asks for the highest entry of all books; distributed, the book of one cluster settles by itself"

CATALOGUE = {
    "catalog_stock: index catalog_stock_place_id_c2a8e804 begins with place_id": OF_PARENT,
    "catalog_stock: index catalog_stock_variant_id_cfbe30d8 begins with variant_id": OF_PARENT,
    "function ledger_settled: ledger_entry of all clusters": SETTLED,
    "kernel_idempotency: index kernel_idempotency_age begins with created_at": EVERY_SHARD,
    "kernel_outbox: index kernel_outbox_waiting begins with available_at": DUE,
    "notices_notice: index notice_by_age begins with at": EVERY_SHARD,
    "orders_contact: index orders_contact_order_id_key begins with order_id": OF_PARENT,
    "orders_flowtimer: index timer_due begins with due_at": DUE,
    "orders_line: index line_to_release begins with release_due_at": DUE,
    "orders_line: index orders_line_order_id_c47dcbd1 begins with order_id": OF_PARENT,
    "orders_order: index orders_order_purchase_id_84ec5192 begins with purchase_id": OF_PARENT,
    "orders_purchase: index purchase_by_time begins with placed_at": EVERY_SHARD,
    "orders_purchase: index purchase_to_expire begins with expires_at": DUE,
    "orders_refund: index orders_refund_out_no_655dfe9c_like begins with out_no": PROVIDER,
    "orders_refund: index orders_refund_out_no_key begins with out_no": PROVIDER,
    "orders_refund: index refund_to_send begins with next_try_at": DUE,
    "orders_refundpart: index orders_refundpart_refund_id_911655c6 begins with refund_id": OF_PARENT,
    "orders_refundpart: index refund_part_once begins with refund_id": OF_PARENT,
    "payments_attempt: index attempt_silent begins with started_at": DUE,
    "payments_attempt: index attempt_number_once begins with out_no": PROVIDER,
    "payments_notification: index notification_once begins with gateway": INBOX,
    "payments_notification: no cluster_id": INBOX,
    "ship_parcel: index ship_parcel_order_id_key begins with order_id": OF_PARENT,
    "ship_scan: index scan_once begins with parcel_id": OF_PARENT,
    "ship_scan: index ship_scan_parcel_id_47e10097 begins with parcel_id": OF_PARENT,
    "ship_waveorder: index ship_waveorder_wave_id_59ef7f93 begins with wave_id": OF_PARENT,
}
"""What the catalogue says, and why it may."""

STATEMENTS = {
    ("catalog.actions.stock.reserve", "catalog_stock"): KEPT,
    ("orders.actions.optimistic.place", "catalog_stock"): KEPT,
    ("kernel.idempotency.purge", "kernel_idempotency"): DUE,
    ("kernel.outbox._claim", "kernel_outbox"): DUE,
    ("kernel.outbox.dead", "kernel_outbox"): DUE,
    ("orders.actions.case_timers.due", "orders_flowtimer"): DUE,
    ("orders.actions.expire._due", "orders_purchase"): DUE,
    ("orders.actions.release._release", "orders_line"): DUE,
    ("orders.actions.release._release", "orders_order"): DUE,
    ("orders.actions.sending._claim", "orders_refund"): DUE,
    ("orders.actions.sending.confirm", "orders_refund"): PROVIDER,
    ("orders.flow.timers.fire_due", "orders_flowtimer"): DUE,
    ("orders.tasks.close_dead_attempts", "orders_purchase"): DUE,
    ("orders.tasks.close_dead_attempts", "payments_attempt"): DUE,
    ("payments.actions._claim_silent", "payments_attempt"): DUE,
    ("payments.actions.mark_paid", "payments_attempt"): PROVIDER,
    ("payments.actions.note_notifications", "payments_notification"): INBOX,
    ("payments.actions.note_verdicts", "payments_notification"): INBOX,
    ("payments.queries.attempt_by_out_no", "payments_attempt"): PROVIDER,
    ("payments.queries.attempts_by_out_no", "payments_attempt"): PROVIDER,
}
"""The function that sends it, and the table of which it sees more than one cluster."""

JOINED: dict[tuple[str, str], str] = {}
"""A table that lies neither on every machine nor beside the hot ones, and the function that joins it to them."""
