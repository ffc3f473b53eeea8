"""What the back office lists: columns to read, words to search by. Models are named by their labels: no room is imported."""

from dataclasses import dataclass

from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group

from yunju.desk.readonly import ReadOnly


@dataclass(frozen=True, slots=True)
class View:
    """One list of the back office: its columns, what a typed word is looked up in, what the list can be cut by."""

    columns: tuple[str, ...]
    search: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()


VIEWS: dict[str, View] = {
    "members.Cluster": View(
        ("code", "host", "name_zh", "name_en", "currency", "timezone", "closed_at"),
        ("code", "name_zh", "host"),
    ),
    "members.User": View(
        ("email", "name", "language", "is_active", "is_staff", "joined_at"),
        ("email", "name"),
        ("is_active", "is_staff"),
    ),
    "members.Member": View(
        ("name", "cluster", "kind", "province", "city", "created_at", "closed_at"),
        ("name", "code"),
        ("cluster", "kind"),
    ),
    "members.Capacity": View(
        ("member", "kind", "asked_at", "admitted_at", "ended_at"), ("member__name",), ("kind",)
    ),
    "members.Role": View(
        ("user", "member", "kind", "granted_at", "ended_at"), ("user__email", "member__name"), ("kind",)
    ),
    "members.Park": View(("name", "cluster"), ("name",)),
    "members.Site": View(("name", "park", "province", "city"), ("name",)),
    "members.Seat": View(("member", "park", "site", "since", "until"), ("member__name",)),
    "members.Payee": View(
        ("member", "real_name", "id_kind", "id_last4", "exemption", "consented_at"),
        ("member__name",),
        ("id_kind",),
    ),
    "members.PayoutAccount": View(
        ("member", "channel", "holder", "number_last4", "since", "ended_at"), ("member__name",), ("channel",)
    ),
    "members.MemberEvent": View(
        ("at", "cluster_id", "member_id", "what", "by_name", "params"), ("what", "=member_id")
    ),
    "catalog.Category": View(
        ("code", "cluster", "name_zh", "name_en", "position"), ("code", "name_zh", "name_en")
    ),
    "catalog.Offer": View(
        ("title", "supplier", "mode", "listed_at", "withdrawn_at", "closed_at"),
        ("title", "code", "supplier__name"),
        ("mode",),
    ),
    "catalog.Variant": View(
        ("offer", "title", "sku", "price_minor", "closed_at"), ("sku", "barcode", "offer__title")
    ),
    "catalog.Stock": View(
        ("variant", "place", "received", "reserved", "sold", "remaining"),
        ("variant__sku", "variant__offer__title"),
    ),
    "catalog.CommissionRule": View(("offer", "version", "shop_bp", "made_at", "made_by"), ("offer__title",)),
    "catalog.FeeRule": View(("cluster", "version", "platform_bp", "park_bp", "effective_at")),
    "catalog.FreightRule": View(("supplier", "kind", "flat_minor", "free_over_minor"), ("supplier__name",)),
    "catalog.ImportRun": View(
        ("file_name", "supplier", "dry_run", "state", "rows", "rows_done", "started_at"),
        ("file_name",),
        ("state",),
    ),
    "catalog.OfferEvent": View(
        ("at", "cluster_id", "offer_id", "what", "by_name", "params"), ("what", "=offer_id")
    ),
    "shops.Shop": View(
        ("name", "member", "cluster", "opened_at", "closed_at"), ("name", "code", "member__name")
    ),
    "shops.Listing": View(
        ("shop", "offer", "position", "picked_at", "ended_at"), ("shop__name", "offer__title")
    ),
    "shops.ShopEvent": View(
        ("at", "cluster_id", "shop_id", "what", "by_name", "params"), ("what", "=shop_id")
    ),
    "orders.Purchase": View(
        ("code", "cluster_id", "payment_state", "total_minor", "currency", "placed_at", "paid_at", "gateway"),
        ("code",),
        ("payment_state", "gateway"),
    ),
    "orders.Order": View(
        (
            "number",
            "supplier_name",
            "mode",
            "fulfilment_state",
            "after_sale_state",
            "total_minor",
            "placed_at",
        ),
        ("number", "code", "supplier_name"),
        ("fulfilment_state", "after_sale_state"),
    ),
    "orders.Line": View(
        (
            "order_id",
            "seq",
            "kind",
            "title",
            "quantity",
            "amount_minor",
            "refunded_minor",
            "release_due_at",
            "released_at",
        ),
        ("title", "=order__number"),
        ("kind",),
    ),
    "orders.Share": View(
        (
            "order_id",
            "line_id",
            "role",
            "payee_id",
            "amount_minor",
            "released_minor",
            "refunded_minor",
            "reclaimed_minor",
        ),
        ("=order_id", "=payee_id"),
        ("role",),
    ),
    "orders.Event": View(
        ("at", "noun", "noun_id", "axis", "event", "before", "after", "who", "by_name"),
        ("=noun_id", "event"),
        ("noun", "axis"),
    ),
    "orders.FlowTimer": View(
        ("noun", "noun_id", "key", "event", "due_at", "left_seconds"), ("=noun_id",), ("noun",)
    ),
    "orders.Case": View(
        ("code", "order_id", "kind", "state", "reason", "fault", "amount_minor", "opened_at"),
        ("code", "=order_id"),
        ("state", "kind"),
    ),
    "orders.Refund": View(
        ("out_no", "kind", "state", "amount_minor", "reason", "tries", "error", "decided_at", "confirmed_at"),
        ("out_no", "=order_id"),
        ("state", "kind"),
    ),
    "orders.RefundPart": View(
        ("refund_id", "line_id", "payee_id", "from_pending_minor", "from_released_minor"),
        ("refund__out_no", "=payee_id"),
    ),
    "payments.Attempt": View(
        ("out_no", "gateway", "kind", "state", "amount_minor", "paid_minor", "started_at", "paid_at"),
        ("out_no", "provider_no"),
        ("gateway", "state"),
    ),
    "payments.Notification": View(
        ("received_at", "gateway", "event_id", "kind", "verdict"), ("event_id",), ("gateway", "verdict")
    ),
    "payments.PaymentEvent": View(("at", "noun", "noun_id", "what", "by_name"), ("=noun_id", "what")),
    "payments.PayoutRun": View(
        ("number", "cluster", "state", "channel", "count", "total_minor", "made_at", "approved_at"),
        ("number",),
        ("state", "channel"),
    ),
    "payments.PayoutItem": View(
        ("run", "member", "holder", "number_last4", "gross_minor", "net_minor", "state", "bank_words"),
        ("member__name", "run__number"),
        ("state",),
    ),
    "payments.BillDifference": View(
        ("day", "gateway", "kind", "reference", "ours_minor", "theirs_minor", "explained_at"),
        ("reference",),
        ("gateway",),
    ),
    "ledger.Account": View(
        ("subject", "kind", "currency", "balance", "version", "cluster_id"), ("subject",), ("kind",)
    ),
    "ledger.Transfer": View(
        ("id", "kind", "source_type", "source_id", "step", "legs", "effective_at", "cluster_id"),
        ("=source_id", "kind"),
        ("kind", "source_type"),
    ),
    "ledger.Entry": View(
        ("transfer_id", "seq", "account_id", "amount", "currency", "cluster_id"),
        ("=transfer_id", "=account_id"),
    ),
    "ledger.Snapshot": View(
        ("account_id", "upto_entry_id", "balance", "entries", "verified_at"), ("=account_id",)
    ),
    "kernel.Beat": View(("name", "every_seconds", "ran_at", "failed_at", "error", "done"), ("name",)),
}


def _register() -> None:
    admin.site.unregister(Group)  # rights come from roles at a member, never from groups
    for label, view in VIEWS.items():
        model = apps.get_model(label)
        attributes = {"list_display": view.columns, "search_fields": view.search, "list_filter": view.filters}
        admin.site.register(
            model, type(f"{model.__name__}Desk", (ReadOnly,), attributes | {"ordering": ("-pk",)})
        )


_register()
