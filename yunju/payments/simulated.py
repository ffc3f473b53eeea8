"""Our side of the simulated provider: HTTP with signatures. A pattern for the adapters of real providers."""

import csv
import hashlib
import io
import json
import ssl
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, ClassVar, TypeVar

import httpx
from django.conf import settings
from django.db import connection

from yunju.payments import queries
from yunju.payments.contract import (
    Answer,
    AnswerKind,
    Bill,
    BillLine,
    Form,
    Jsapi,
    Qr,
    Redirect,
    RefundOrder,
    StartRequest,
    VerifiedEvent,
)
from yunju.payments.errors import Foreign, Forged, GatewayRefused, GatewaySilent, Malformed, Stale
from yunju.payments.simulator import signing

TIMEOUT = httpx.Timeout(5, connect=2)
TLS = ssl.create_default_context()  # made once: a new one for each call costs more than the call
KINDS = frozenset({"paid", "refunded", "refund_failed"})
TEXTS = ("merchant", "event_id", "kind", "out_no", "provider_no", "currency", "at", "refund_no", "reason")
BILL_KINDS = frozenset({"paid", "refunded"})
Found = dict[str, Any]
T = TypeVar("T")


class Simulated:
    """The gateway `simulated`: for trying things out, never for real money."""

    code: ClassVar[str] = "simulated"
    max_parts: ClassVar[int] = 50
    cap_bp: ClassVar[int | None] = None
    timezone: ClassVar[str] = "Asia/Shanghai"

    def start(self, request: StartRequest) -> Answer:
        wish = {
            "out_no": request.out_no,
            "amount_minor": request.amount_minor,
            "currency": request.currency,
            "kind": request.kind.value,
            "return_url": request.return_url,
            "notify_url": request.notify_url,
            "description": request.description or request.purchase_code,
            "parts": [
                {
                    "supplier_id": part.supplier_id,
                    "merchant": part.merchant,
                    "amount_minor": part.amount_minor,
                    "description": part.description,
                }
                for part in request.parts
            ],
        }
        return _understood(_answer, _call("/v1/payments", wish))

    def read(self, headers: Mapping[str, str], body: bytes) -> VerifiedEvent:
        if not signing.is_signed(_secret(), signing.NOTIFICATION, headers, body):
            raise Forged("payments.forged")
        if not signing.is_fresh(headers):
            raise Stale("payments.stale")
        return _event(_parsed(body), body)

    def verify(self, headers: Mapping[str, str], body: bytes) -> VerifiedEvent:
        event = self.read(headers, body)
        expected = _checked(event)
        if event.kind == "paid" and event.amount_minor != expected and self.query(event.out_no) != event:
            raise Foreign("payments.other_amount", expected=expected, got=event.amount_minor)
        if event.kind != "paid" and self.query_refund(event.refund_no) != event:
            raise Foreign("payments.other_amount", got=event.amount_minor)
        return event

    def query(self, out_no: str) -> VerifiedEvent | None:
        return _outcome("/v1/payments/query", {"out_no": out_no})

    def refund(self, order: RefundOrder) -> VerifiedEvent | None:
        wish = {
            "out_no": order.out_no,
            "refund_no": order.refund_no,
            "part": order.part,
            "amount_minor": order.amount_minor,
            "currency": order.currency,
            "reason": order.reason,
        }
        return _told(_call("/v1/refunds", wish))

    def query_refund(self, refund_no: str) -> VerifiedEvent | None:
        return _outcome("/v1/refunds/query", {"refund_no": refund_no})

    def close(self, out_no: str) -> None:
        try:
            _call("/v1/payments/close", {"out_no": out_no})
        except GatewayRefused as refusal:
            if refusal.params["reason"] != "unknown":
                raise

    def bill(self, day: date) -> Bill:
        found = _call("/v1/bills", {"day": day.isoformat()})
        return Bill(gateway=self.code, day=day, lines=_understood(_bill_lines, found))


# --- talking --------------------------------------------------------------------------------------------------------


def _secret() -> bytes:
    try:
        return signing.read_secret(settings.YUNJU_GATEWAY_HOME)
    except (FileNotFoundError, ValueError) as error:
        raise GatewaySilent("payments.gateway_silent", gateway=Simulated.code) from error


def _call(path: str, wish: Found) -> Found:
    """One signed request and its signed answer. Raises GatewayRefused with the provider's code, GatewaySilent."""
    if connection.in_atomic_block:
        raise RuntimeError(
            "a gateway is never called inside a transaction: the locks would wait for the network"
        )
    secret, body = _secret(), json.dumps(wish, sort_keys=True).encode()
    headers = signing.signed_headers(secret, signing.request_audience(path), body)
    try:
        answer = httpx.post(
            settings.YUNJU_GATEWAY_URL + path,
            content=body,
            headers=headers,
            timeout=TIMEOUT,
            verify=TLS,
            trust_env=False,
        )
    except httpx.HTTPError as error:
        raise GatewaySilent("payments.gateway_silent", gateway=Simulated.code) from error
    audience = signing.answer_audience(f"{answer.status_code} {headers[signing.NONCE_HEADER]}")
    if not signing.is_signed(secret, audience, answer.headers, answer.content):
        raise GatewaySilent("payments.gateway_silent", gateway=Simulated.code, status=answer.status_code)
    found = _parsed(answer.content)
    if answer.status_code != httpx.codes.OK:
        raise GatewayRefused(
            "payments.gateway_refused", gateway=Simulated.code, reason=str(found.get("code"))
        )
    return found


def _parsed(body: bytes) -> Found:
    try:
        found = json.loads(body, parse_float=_no_float, parse_constant=_no_float)
    except ValueError as error:
        raise Malformed("payments.malformed", field="body") from error
    if not isinstance(found, dict):
        raise Malformed("payments.malformed", field="body")
    return found


def _no_float(text: str) -> object:
    raise ValueError(f"money is never {text[:20]}")


def _understood(read: Callable[[Found], T], found: Found) -> T:
    """What `read` makes of an answer; an answer that cannot be read is as good as none."""
    try:
        return read(found)
    except (KeyError, TypeError, ValueError) as error:
        raise GatewaySilent("payments.gateway_silent", gateway=Simulated.code) from error


# --- reading --------------------------------------------------------------------------------------------------------


def _answer(found: Found) -> Answer:
    kind, url = AnswerKind(found["kind"]), settings.YUNJU_GATEWAY_URL + found["path"]
    if kind is AnswerKind.JSAPI:
        return Jsapi(params={**found["params"], "url": url})
    if kind is AnswerKind.REDIRECT:
        return Redirect(url=url)
    if kind is AnswerKind.FORM:
        return Form(action=url, fields=found["fields"])
    return Qr(text=url, expires_at=datetime.fromisoformat(found["expires_at"]))


def _event(found: Found, body: bytes) -> VerifiedEvent:
    """The event a rightly signed message tells of. Raises Malformed, Foreign."""
    wrong = next((name for name in TEXTS if not isinstance(found.get(name), str)), "")
    if wrong or found["kind"] not in KINDS or not found["event_id"]:
        raise Malformed("payments.malformed", field=wrong or "kind")
    amount = found.get("amount_minor")
    if type(amount) is not int or amount <= 0:
        raise Malformed("payments.malformed", field="amount_minor")
    if found["merchant"] != signing.MERCHANT:
        raise Foreign("payments.other_merchant")
    try:
        at = datetime.fromisoformat(found["at"])
    except ValueError as error:
        raise Malformed("payments.malformed", field="at") from error
    if at.tzinfo is None:
        raise Malformed("payments.malformed", field="at")
    return VerifiedEvent(
        gateway=Simulated.code,
        event_id=found["event_id"],
        kind=found["kind"],
        out_no=found["out_no"],
        provider_no=found["provider_no"],
        amount_minor=amount,
        currency=found["currency"],
        at=at,
        refund_no=found["refund_no"],
        reason=found["reason"],
        body_sha256=hashlib.sha256(body).hexdigest(),
    )


def _checked(event: VerifiedEvent) -> int:
    """The amount of our attempt that the event names. Raises Foreign when it is not ours or not in its currency."""
    attempt = queries.attempt_by_out_no(event.out_no)
    if attempt is None or attempt.gateway != event.gateway:
        raise Foreign("payments.unknown_payment")
    if attempt.currency != event.currency:
        raise Foreign("payments.other_currency")
    return attempt.amount_minor


def _outcome(path: str, wish: Found) -> VerifiedEvent | None:
    try:
        return _told(_call(path, wish))
    except GatewayRefused as refusal:
        if refusal.params["reason"] == "unknown":
            return None
        raise


def _told(found: Found) -> VerifiedEvent | None:
    """The event inside an answer, held to the same checks as a notification (bar the amount: this is the source)."""
    told = found.get("event")
    if told is None:
        return None
    event = _understood(lambda fact: _event(fact, json.dumps(fact, sort_keys=True).encode()), told)
    _checked(event)
    return event


def _bill_lines(found: Found) -> tuple[BillLine, ...]:
    """The lines of a bill. Raises ValueError when its own sums do not fit them: a bill is whole or worth nothing."""
    lines: list[BillLine] = []
    sums: dict[tuple[str, str], int] = {}
    said: dict[tuple[str, str], int] = {}
    count = -1
    for row in csv.DictReader(io.StringIO(found["csv"])):
        if row["kind"] == "lines":
            count = int(row["amount_minor"])
        elif row["kind"].startswith("sum "):
            said[row["kind"].removeprefix("sum "), row["currency"]] = int(row["amount_minor"])
        else:
            line = _bill_line(row)
            sums[line.kind, line.currency] = sums.get((line.kind, line.currency), 0) + line.amount_minor
            lines.append(line)
    if sums != said or count != len(lines):
        raise ValueError("the sums of the bill do not fit its lines")
    return tuple(lines)


def _bill_line(row: dict[str, str]) -> BillLine:
    if row["kind"] not in BILL_KINDS or int(row["amount_minor"]) <= 0:
        raise ValueError("a bill line that cannot be meant")
    return BillLine(
        kind=row["kind"],
        out_no=row["out_no"],
        refund_no=row["refund_no"],
        provider_no=row["provider_no"],
        amount_minor=int(row["amount_minor"]),
        currency=row["currency"],
        at=datetime.fromisoformat(row["at"]),
    )
