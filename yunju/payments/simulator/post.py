"""Notifications: kept in the book before they are sent, sent until the merchant says yes, signed anew each time."""

import json
import sqlite3
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from http.client import HTTPException
from typing import Any

from yunju.payments.simulator import signing
from yunju.payments.simulator.store import Row, Store, now

RETRY_SECONDS = (5, 30, 120, 600, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400)
ANSWER_SECONDS = 5
BATCH = 32
STALE_SECONDS = 30 * 86_400
MODES = (
    "normal",
    "forged",
    "stale",
    "wrong_amount",
    "wrong_merchant",
    "wrong_currency",
    "unknown_payment",
    "unknown_kind",
)
"""normal, or in which way a notification is false."""


class _Stay(urllib.request.HTTPRedirectHandler):
    """A merchant that answers with a redirect has not said yes."""

    def redirect_request(self, *_: Any) -> None:
        return None


_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Stay)


def paid_body(payment: Row) -> dict[str, Any]:
    """What is said about a payment, in a notification as in the answer to a query."""
    return {
        "merchant": signing.MERCHANT,
        "event_id": f"paid-{payment['provider_no']}",
        "kind": "paid",
        "out_no": payment["out_no"],
        "provider_no": payment["provider_no"],
        "amount_minor": payment["paid_amount"] if payment["paid_amount"] is not None else payment["amount"],
        "currency": payment["currency"],
        "at": datetime.fromtimestamp(payment["paid_at"] or payment["created_at"], UTC).isoformat(),
        "refund_no": "",
        "reason": "",
    }


def refund_body(payment: Row, refund: Row) -> dict[str, Any]:
    return {
        "merchant": signing.MERCHANT,
        "event_id": f"{refund['state']}-{refund['provider_no']}-{refund['tries']}",
        "kind": refund["state"],
        "out_no": payment["out_no"],
        "provider_no": refund["provider_no"],
        "amount_minor": refund["amount"],
        "currency": payment["currency"],
        "at": datetime.fromtimestamp(refund["settled_at"], UTC).isoformat(),
        "refund_no": refund["refund_no"],
        "reason": refund["reason"],
    }


def put(
    db: sqlite3.Connection, out_no: str, body: dict[str, Any], *, mode: str = "normal", delay: float = 0
) -> None:
    """Keep a notification for sending, in the transaction of its cause."""
    row = db.execute("SELECT notify_url FROM payment WHERE out_no = ?", [out_no]).fetchone()
    text = json.dumps(falsified(body, mode), sort_keys=True)
    db.execute(
        "INSERT INTO notification (out_no, url, body, mode, due_at) VALUES (?, ?, ?, ?, ?)",
        [out_no, row["notify_url"], text, mode, now(db) + delay],
    )


def falsified(body: dict[str, Any], mode: str) -> dict[str, Any]:
    """The body with the untruth that `mode` asks for."""
    lies = {
        "wrong_amount": {"amount_minor": body["amount_minor"] + 1, "event_id": body["event_id"] + "-wrong"},
        "wrong_merchant": {"merchant": "somebody-else"},
        "wrong_currency": {"currency": "USD" if body["currency"] != "USD" else "CNY"},
        "unknown_payment": {"out_no": "A" + "0" * 24},
        "unknown_kind": {"kind": "chargeback"},
    }
    return body | lies.get(mode, {})


def send_due(store: Store, secret: bytes, pool: ThreadPoolExecutor) -> int:
    """Send what is due, side by side, and note the answers; returns how many were tried."""
    with store.reading() as db:
        due = db.execute(
            "SELECT * FROM notification WHERE done_at IS NULL AND due_at <= ? ORDER BY due_at, id LIMIT ?",
            [now(db), BATCH],
        ).fetchall()
    if not due:
        return 0
    answers = list(pool.map(lambda row: _send(secret, row), due))
    with store.writing() as db:
        for row, answer in zip(due, answers, strict=True):
            _note(db, row, answer)
    return len(due)


def _send(secret: bytes, row: Row) -> str:
    """The merchant's status, or the fault's name."""
    body = row["body"].encode()
    age = STALE_SECONDS if row["mode"] == "stale" else 0
    headers = signing.signed_headers(secret, signing.NOTIFICATION, body, age=age)
    if row["mode"] == "forged":
        headers[signing.SIGNATURE_HEADER] = "0" * 64
    request = urllib.request.Request(  # noqa: S310 - http and https alone were accepted
        row["url"], data=body, headers=headers | {"Content-Type": "application/json"}, method="POST"
    )
    try:
        with _opener.open(request, timeout=ANSWER_SECONDS) as answer:
            return str(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return str(error.code)
    except (OSError, HTTPException) as error:
        return type(error).__name__


def _note(db: sqlite3.Connection, row: Row, answer: str) -> None:
    """A yes ends it; a lie is told once; the truth is told again with growing pauses."""
    over = answer.startswith("2") or row["mode"] != "normal" or row["tries"] >= len(RETRY_SECONDS)
    pause = 0 if over else RETRY_SECONDS[row["tries"]]
    db.execute(
        "UPDATE notification SET tries = tries + 1, answer = ?, done_at = ?, due_at = ? WHERE id = ?",
        [answer, now(db) if over else None, now(db) + pause, row["id"]],
    )
