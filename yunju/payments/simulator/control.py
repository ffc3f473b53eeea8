"""What the control page and its JSON twin can do: make the provider late, repetitive, lying or refusing, and move its clock."""

from typing import Any

from yunju.payments.simulator import book, post
from yunju.payments.simulator.store import DEFAULTS, Row, Store, now, one, set_setting, setting

SHOWN = 50
OUTCOMES = ("refunded", "refund_failed")
DELAY_MAX = 30 * 86_400


def act(store: Store, wish: dict[str, Any]) -> dict[str, Any]:
    """One wish: `do` names it. Raises book.No for what cannot be meant."""
    what = wish.get("do")
    if what == "pay":
        return _pay(store, wish)
    if what == "set":
        return _set(store, wish)
    if what in {"hold", "release"}:
        with store.writing() as db:
            payment = book.by_out_no(db, wish.get("out_no"))
            db.execute(
                "UPDATE payment SET held = ? WHERE out_no = ?", [int(what == "hold"), payment["out_no"]]
            )
        return {"held": what == "hold"}
    if what == "send":
        return _send(store, wish)
    if what == "state":
        return state(store, str(wish.get("out_no", "")))
    raise book.No("malformed", 422)


def _pay(store: Store, wish: dict[str, Any]) -> dict[str, Any]:
    """Pay as the buyer would, perhaps another amount, even when it is closed."""
    with store.reading() as db:
        token = book.by_out_no(db, wish.get("out_no"))["token"]
    amount = wish.get("amount_minor")
    payment = book.pay(store, token, None if amount is None else whole(amount), even_closed=True)
    return {"state": payment["state"], "paid_minor": payment["paid_amount"]}


def _set(store: Store, wish: dict[str, Any]) -> dict[str, Any]:
    name, value = wish.get("name"), str(wish.get("value", ""))
    if name not in DEFAULTS or (name == "refund_outcome" and value not in OUTCOMES):
        raise book.No("malformed", 422)
    if name != "refund_outcome":
        value = str(_seconds(value))
    with store.writing() as db:
        set_setting(db, name, value)
    return {name: value}


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError as error:
        raise book.No("malformed", 422) from error
    if not -20 * 365 * 86_400 <= seconds <= 20 * 365 * 86_400:
        raise book.No("malformed", 422)
    return seconds


def whole(value: object) -> int:
    """A whole number out of a form or JSON."""
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) <= 13):
        raise book.No("malformed", 422)
    return int(text)


def _send(store: Store, wish: dict[str, Any]) -> dict[str, Any]:
    """Send notifications of a payment (or of its refund) again: truly or falsely, `times` times, after `delay` seconds."""
    mode, times = str(wish.get("mode", "normal")), whole(wish.get("times", 1))
    delay = _seconds(str(wish.get("delay", 0)))
    if mode not in post.MODES or not 1 <= times <= 20 or not 0 <= delay <= DELAY_MAX:
        raise book.No("malformed", 422)
    with store.writing() as db:
        payment = book.by_out_no(db, wish.get("out_no"))
        if payment["state"] != "paid" and mode == "normal":
            raise book.No("not_paid")  # the truth about a payment that was not made is silence
        body = _body(db, payment, wish.get("refund_no"))
        for _ in range(times):
            post.put(db, payment["out_no"], body, mode=mode, delay=delay)
    return {"queued": times}


def _body(db: Any, payment: Row, refund_no: object) -> dict[str, Any]:
    if not refund_no:
        return post.paid_body(payment)
    refund = one(
        db, "SELECT * FROM refund WHERE refund_no = ? AND out_no = ?", str(refund_no), payment["out_no"]
    )
    if refund is None or refund["state"] == "pending":
        raise book.No("unknown", 404)
    return post.refund_body(payment, refund)


def state(store: Store, out_no: str) -> dict[str, Any]:
    """A payment with its parts, refunds and notifications, as the provider sees them."""
    with store.reading() as db:
        payment = book.by_out_no(db, out_no)
        rows = {
            "parts": db.execute("SELECT * FROM part WHERE out_no = ? ORDER BY position", [out_no]).fetchall(),
            "refunds": db.execute(
                "SELECT * FROM refund WHERE out_no = ? ORDER BY due_at", [out_no]
            ).fetchall(),
            "notifications": db.execute(
                "SELECT * FROM notification WHERE out_no = ? ORDER BY id", [out_no]
            ).fetchall(),
        }
    return {**dict(payment), **{name: [dict(row) for row in found] for name, found in rows.items()}}


def latest(store: Store) -> tuple[list[Row], dict[str, str]]:
    """The newest payments with what was last told about each, and the settings."""
    with store.reading() as db:
        rows = db.execute(
            "SELECT p.*, n.mode, n.answer, n.tries FROM payment p LEFT JOIN notification n"
            " ON n.id = (SELECT max(id) FROM notification WHERE out_no = p.out_no)"
            " ORDER BY p.created_at DESC LIMIT ?",
            [SHOWN],
        ).fetchall()
        settings = {name: setting(db, name) for name in DEFAULTS}
        settings["now"] = book.stamp(now(db))
    return rows, settings
