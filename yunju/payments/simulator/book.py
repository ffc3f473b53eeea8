"""What the provider does with money: announce, pay, close, refund, and the bill of a day. All checks are its own."""

import csv
import hashlib
import io
import json
import secrets
import sqlite3
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from yunju.payments.simulator import post
from yunju.payments.simulator.store import Row, Store, now, one, setting

PARTS_MAX = 50
AMOUNT_MAX = 10**12
OPEN_SECONDS = 2 * 3600
KINDS = ("jsapi", "redirect", "form", "qr")
BILL_ZONE = timezone(timedelta(hours=8))
BILL_COLUMNS = ("kind", "out_no", "refund_no", "provider_no", "amount_minor", "currency", "at")
NOBODY = 0
"""The supplier of money that was paid beyond the parts."""


class No(Exception):
    """The provider's refusal: an HTTP status and a code."""

    def __init__(self, code: str, status: int = 409) -> None:
        super().__init__(code)
        self.code = code
        self.status = status


def stamp(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat()


def _digest(wish: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(wish, sort_keys=True).encode()).hexdigest()


# --- payments -------------------------------------------------------------------------------------------------------


def announce(store: Store, wish: dict[str, Any]) -> dict[str, Any]:
    """Take up a payment; the same wish again gives the same answer, another wish under its number is refused."""
    _check_wish(wish)
    digest = _digest(wish)
    with store.writing() as db:
        known = one(db, "SELECT * FROM payment WHERE out_no = ?", wish["out_no"])
        if known is None:
            _insert_payment(db, wish, digest)
        elif known["request"] != digest:
            raise No("conflict")
        elif known["state"] != "open":
            raise No(known["state"])
        elif known["expires_at"] <= now(db):
            db.execute(
                "UPDATE payment SET expires_at = ? WHERE out_no = ?", [now(db) + OPEN_SECONDS, wish["out_no"]]
            )
        payment = one(db, "SELECT * FROM payment WHERE out_no = ?", wish["out_no"])
        assert payment is not None
        return _way(payment)


def _check_wish(wish: dict[str, Any]) -> None:
    parts = wish.get("parts")
    texts = ("out_no", "currency", "kind", "return_url", "notify_url", "description")
    if not isinstance(parts, list) or not all(isinstance(wish.get(name), str) for name in texts):
        raise No("malformed", 422)
    if len(parts) > PARTS_MAX:
        raise No("too_many_parts")
    amounts = [part.get("amount_minor") if isinstance(part, dict) else None for part in parts]
    if not parts or not all(_is_amount(amount) for amount in [*amounts, wish.get("amount_minor")]):
        raise No("malformed", 422)
    suppliers = {part.get("supplier_id") for part in parts}
    if (
        sum(part["amount_minor"] for part in parts) != wish["amount_minor"]
        or len(suppliers) != len(parts)
        or wish["kind"] not in KINDS
    ):
        raise No("malformed", 422)
    if not all(wish[name].startswith(("http://", "https://")) for name in ("return_url", "notify_url")):
        raise No("malformed", 422)


def _is_amount(value: object) -> bool:
    return type(value) is int and 0 < value <= AMOUNT_MAX


def _insert_payment(db: sqlite3.Connection, wish: dict[str, Any], digest: str) -> None:
    at = now(db)
    values = {
        name: wish[name] for name in ("out_no", "kind", "currency", "description", "return_url", "notify_url")
    }
    values |= {
        "token": secrets.token_urlsafe(18),
        "provider_no": f"S{secrets.token_hex(10)}",
        "request": digest,
    }
    values |= {
        "amount": wish["amount_minor"],
        "state": "open",
        "created_at": at,
        "expires_at": at + OPEN_SECONDS,
    }
    marks = ", ".join("?" * len(values))
    db.execute(f"INSERT INTO payment ({', '.join(values)}) VALUES ({marks})", list(values.values()))  # noqa: S608 - our names
    rows = [
        (
            wish["out_no"],
            n,
            part["supplier_id"],
            part.get("merchant", ""),
            part["amount_minor"],
            part.get("description", ""),
        )
        for n, part in enumerate(wish["parts"])
    ]
    db.executemany(
        "INSERT INTO part (out_no, position, supplier, merchant, amount, description) VALUES (?, ?, ?, ?, ?, ?)",
        rows,
    )


def _way(payment: Row) -> dict[str, Any]:
    """The answer to an announcement. Addresses are paths: the merchant knows under which origin it reached us."""
    token, kind = payment["token"], payment["kind"]
    if kind == "jsapi":
        prepay = {
            "package": f"prepay_id={token}",
            "nonceStr": token[:12],
            "timeStamp": str(int(payment["created_at"])),
        }
        return {
            "kind": kind,
            "params": {"appId": "simulated", "signType": "HMAC-SHA256", **prepay},
            "path": f"/bridge/{token}",
        }
    if kind == "form":
        return {"kind": kind, "path": "/pay", "fields": {"token": token}}
    if kind == "qr":
        return {"kind": kind, "path": f"/pay/{token}", "expires_at": stamp(payment["expires_at"])}
    return {"kind": kind, "path": f"/pay/{token}"}


def pay(store: Store, token: str, amount: int | None = None, *, even_closed: bool = False) -> Row:
    """The buyer pays (another `amount` and a closed payment only from the control page). Twice is once."""
    with store.writing() as db:
        payment = by_token(db, token)
        if payment["state"] == "paid":
            return payment
        if payment["state"] == "closed" and not even_closed:
            raise No("closed")
        paid = payment["amount"] if amount is None else amount
        if not _is_amount(paid):
            raise No("malformed", 422)
        db.execute(
            "UPDATE payment SET state = 'paid', paid_amount = ?, paid_at = ? WHERE token = ?",
            [paid, now(db), token],
        )
        _fill_parts(db, payment["out_no"], paid)
        payment = by_token(db, token)
        if not payment["held"]:
            post.put(db, payment["out_no"], post.paid_body(payment), delay=float(setting(db, "notify_delay")))
        return payment


def _fill_parts(db: sqlite3.Connection, out_no: str, paid: int) -> None:
    """The parts receive in their order; what is paid beyond them belongs to nobody."""
    for part in db.execute("SELECT * FROM part WHERE out_no = ? ORDER BY position", [out_no]).fetchall():
        received = min(part["amount"], paid)
        paid -= received
        db.execute(
            "UPDATE part SET received = ? WHERE out_no = ? AND supplier = ?",
            [received, out_no, part["supplier"]],
        )
    if paid:
        db.execute("INSERT INTO part VALUES (?, 9999, ?, '', 0, '', ?, 0)", [out_no, NOBODY, paid])


def refuse(store: Store, token: str) -> Row:
    """The buyer's bank says no; the payment stays open for another try."""
    with store.writing() as db:
        db.execute("UPDATE payment SET refusals = refusals + 1 WHERE token = ? AND state = 'open'", [token])
        return by_token(db, token)


def by_token(db: sqlite3.Connection, token: str) -> Row:
    payment = one(db, "SELECT * FROM payment WHERE token = ?", token)
    if payment is None:
        raise No("unknown", 404)
    return payment


def by_out_no(db: sqlite3.Connection, out_no: object) -> Row:
    payment = one(db, "SELECT * FROM payment WHERE out_no = ?", str(out_no))
    if payment is None:
        raise No("unknown", 404)
    return payment


def query(store: Store, wish: dict[str, Any]) -> dict[str, Any]:
    with store.reading() as db:
        payment = by_out_no(db, wish.get("out_no"))
        return {
            "state": payment["state"],
            "event": post.paid_body(payment) if payment["state"] == "paid" else None,
        }


def close(store: Store, wish: dict[str, Any]) -> dict[str, Any]:
    with store.writing() as db:
        payment = by_out_no(db, wish.get("out_no"))
        if payment["state"] == "paid":
            raise No("paid")
        db.execute("UPDATE payment SET state = 'closed' WHERE out_no = ?", [payment["out_no"]])
        return {"state": "closed"}


# --- refunds --------------------------------------------------------------------------------------------------------


def refund(store: Store, wish: dict[str, Any]) -> dict[str, Any]:
    """Take money back out of one part, or of all in their order. A failed refund is tried anew under its number."""
    if (
        not _is_amount(wish.get("amount_minor"))
        or not isinstance(wish.get("refund_no"), str)
        or not wish["refund_no"]
    ):
        raise No("malformed", 422)
    digest = _digest(wish)
    with store.writing() as db:
        payment = by_out_no(db, wish.get("out_no"))
        known = one(db, "SELECT * FROM refund WHERE refund_no = ?", wish["refund_no"])
        if known and known["request"] != digest:
            raise No("conflict")
        if known and known["state"] != "refund_failed":
            return _outcome(db, known)
        shares = _shares(db, payment, wish)
        _note_refund(db, payment, wish, digest)
        for supplier, amount in shares:
            db.execute(
                "UPDATE part SET given_back = given_back + ? WHERE out_no = ? AND supplier = ?",
                [amount, payment["out_no"], supplier],
            )
            db.execute("INSERT INTO refund_share VALUES (?, ?, ?)", [wish["refund_no"], supplier, amount])
        return {"state": "pending", "event": None}


def _shares(db: sqlite3.Connection, payment: Row, wish: dict[str, Any]) -> list[tuple[int, int]]:
    """What each part gives. Refused when it would be more than it received and still has."""
    if payment["state"] != "paid":
        raise No("not_paid")
    if wish.get("currency") != payment["currency"]:
        raise No("other_currency")
    parts = db.execute(
        "SELECT * FROM part WHERE out_no = ? ORDER BY position DESC", [payment["out_no"]]
    ).fetchall()
    if wish.get("part") is not None:
        parts = [part for part in parts if part["supplier"] == wish["part"]]
        if not parts:
            raise No("unknown_part")
    missing, shares = wish["amount_minor"], []
    for part in parts:
        amount = min(missing, part["received"] - part["given_back"])
        missing -= amount
        shares += [(part["supplier"], amount)] if amount else []
    if missing:
        raise No("too_much")
    return shares


def _note_refund(db: sqlite3.Connection, payment: Row, wish: dict[str, Any], digest: str) -> None:
    due_at = now(db) + float(setting(db, "refund_delay"))
    db.execute(
        "INSERT INTO refund (refund_no, provider_no, out_no, request, amount, state, due_at) VALUES (?, ?, ?, ?, ?, 'pending', ?)"
        " ON CONFLICT (refund_no) DO UPDATE SET state = 'pending', settled_at = NULL, tries = tries + 1, due_at = excluded.due_at",
        [
            wish["refund_no"],
            f"R{secrets.token_hex(10)}",
            payment["out_no"],
            digest,
            wish["amount_minor"],
            due_at,
        ],
    )


def _outcome(db: sqlite3.Connection, known: Row) -> dict[str, Any]:
    payment = by_out_no(db, known["out_no"])
    return {
        "state": known["state"],
        "event": None if known["state"] == "pending" else post.refund_body(payment, known),
    }


def query_refund(store: Store, wish: dict[str, Any]) -> dict[str, Any]:
    with store.reading() as db:
        known = one(db, "SELECT * FROM refund WHERE refund_no = ?", str(wish.get("refund_no")))
        if known is None:
            raise No("unknown", 404)
        return _outcome(db, known)


def settle_refunds(store: Store) -> int:
    """Confirm the refunds that are due, or fail them when the control page says so; returns how many."""
    with store.reading() as db:
        if one(db, "SELECT 1 FROM refund WHERE state = 'pending' AND due_at <= ? LIMIT 1", now(db)) is None:
            return 0
    with store.writing() as db:
        due = db.execute("SELECT * FROM refund WHERE state = 'pending' AND due_at <= ?", [now(db)]).fetchall()
        outcome = setting(db, "refund_outcome")
        for row in due:
            _settle(db, row, outcome)
        return len(due)


def _settle(db: sqlite3.Connection, row: Row, outcome: str) -> None:
    reason = "account_closed" if outcome == "refund_failed" else ""
    db.execute(
        "UPDATE refund SET state = ?, reason = ?, settled_at = ? WHERE refund_no = ?",
        [outcome, reason, now(db), row["refund_no"]],
    )
    if outcome == "refund_failed":
        db.execute(
            "UPDATE part SET given_back = given_back - s.amount FROM refund_share s"
            " WHERE s.refund_no = ? AND part.out_no = ? AND part.supplier = s.supplier",
            [row["refund_no"], row["out_no"]],
        )
        db.execute("DELETE FROM refund_share WHERE refund_no = ?", [row["refund_no"]])
    payment = by_out_no(db, row["out_no"])
    settled = one(db, "SELECT * FROM refund WHERE refund_no = ?", row["refund_no"])
    assert settled is not None
    if not payment["held"]:
        post.put(db, row["out_no"], post.refund_body(payment, settled))


# --- the bill -------------------------------------------------------------------------------------------------------


def bill(store: Store, day: date) -> str:
    """All movements of a day as CSV: a line each, then one line of sums per currency. Refused before the day is over."""
    first = datetime(day.year, day.month, day.day, tzinfo=BILL_ZONE).timestamp()
    last = first + 86_400
    with store.reading() as db:
        if now(db) < last:
            raise No("too_early")
        rows = db.execute(
            "SELECT 'paid' AS kind, out_no, '' AS refund_no, provider_no, paid_amount AS amount, currency, paid_at AS at"
            " FROM payment WHERE paid_at >= ? AND paid_at < ? UNION ALL"
            " SELECT 'refunded', r.out_no, r.refund_no, r.provider_no, r.amount, p.currency, r.settled_at FROM refund r"
            " JOIN payment p USING (out_no) WHERE r.state = 'refunded' AND r.settled_at >= ? AND r.settled_at < ?"
            " ORDER BY at, provider_no",
            [first, last, first, last],
        ).fetchall()
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(BILL_COLUMNS)
    sums: dict[tuple[str, str], int] = {}
    for row in rows:
        writer.writerow(
            [
                *(row[name] for name in ("kind", "out_no", "refund_no", "provider_no", "amount", "currency")),
                stamp(row["at"]),
            ]
        )
        key = (row["kind"], row["currency"])
        sums[key] = sums.get(key, 0) + row["amount"]
    for (kind, currency), amount in sorted(sums.items()):
        writer.writerow([f"sum {kind}", "", "", "", amount, currency, ""])
    writer.writerow(["lines", "", "", "", len(rows), "", ""])
    return out.getvalue()
