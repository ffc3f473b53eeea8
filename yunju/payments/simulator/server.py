"""The provider's doors: the signed API for the merchant, the cashier for buyers, the control page for whoever tries."""

import json
import logging
from collections.abc import Callable
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, quote, urlsplit

from yunju.payments.simulator import book, control, pages, signing, words
from yunju.payments.simulator.store import Store

log = logging.getLogger(__name__)
BODY_MAX = 1_000_000
STYLE = (Path(__file__).parent / "style.css").read_bytes()
Wish = dict[str, Any]


def _bill(store: Store, wish: Wish) -> Wish:
    try:
        day = date.fromisoformat(str(wish.get("day")))
    except ValueError as error:
        raise book.No("malformed", 422) from error
    return {"csv": book.bill(store, day)}


API: dict[str, Callable[[Store, Wish], Wish]] = {
    "/v1/payments": book.announce,
    "/v1/payments/query": book.query,
    "/v1/payments/close": book.close,
    "/v1/refunds": book.refund,
    "/v1/refunds/query": book.query_refund,
    "/v1/bills": _bill,
}


class Server(ThreadingHTTPServer):
    """A thread per connection; the book takes one writer at a time."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], store: Store, secret: bytes) -> None:
        super().__init__(address, Handler)
        self.store = store
        self.secret = secret


class Handler(BaseHTTPRequestHandler):
    """One request. GET shows, POST does."""

    server: Server
    timeout = 20
    protocol_version = "HTTP/1.1"
    server_version = "SimulatedGateway"
    sys_version = ""
    SAFE: ClassVar[dict[str, str]] = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }

    # --- entry ------------------------------------------------------------------------------------------------------

    def do_GET(self) -> None:
        self._handle(self._get)

    def do_POST(self) -> None:
        self._handle(self._post)

    def _handle(self, work: Callable[[str, str], None]) -> None:
        parts = urlsplit(self.path)
        lang = words.language(
            parse_qs(parts.query).get("lang", [""])[0], self.headers.get("Accept-Language", "")
        )
        try:
            work(parts.path, lang)
        except book.No as refusal:
            if parts.path.startswith(("/v1/", "/control.json")):
                self._json(refusal.status, {"code": refusal.code})
            else:
                word = {"unknown": "unknown", "closed": "closed"}.get(refusal.code, "bad")
                self._page(refusal.status, pages.fault(word, lang))

    def _get(self, path: str, lang: str) -> None:
        if path == "/health":
            self._answer(200, "text/plain", b"ok")
        elif path == "/style.css":
            self._answer(200, "text/css; charset=utf-8", STYLE, {"Cache-Control": "max-age=3600"})
        elif path.startswith(("/pay/", "/bridge/")):
            self._cashier(path, lang)
        elif path == "/control":
            self._page(200, pages.control(*control.latest(self.server.store), lang))
        elif path == "/":
            self._answer(303, "text/plain", b"", {"Location": "/control"})
        else:
            raise book.No("unknown", 404)

    def _post(self, path: str, lang: str) -> None:
        body = self._body()
        if path in API:
            self._api(path, body)
        elif path == "/pay":
            token = _fields(body).get("token", "")
            self._answer(303, "text/plain", b"", {"Location": f"/pay/{quote(token)}?lang={lang}"})
        elif path.startswith("/pay/"):
            self._pay(path.removeprefix("/pay/"), _fields(body).get("do", ""), lang)
        elif path == "/control":
            control.act(self.server.store, _fields(body))
            self._answer(303, "text/plain", b"", {"Location": f"/control?lang={lang}"})
        elif path == "/control.json":
            self._json(200, control.act(self.server.store, _object(body)))
        else:
            raise book.No("unknown", 404)

    # --- the merchant -----------------------------------------------------------------------------------------------

    def _api(self, path: str, body: bytes) -> None:
        secret, headers = self.server.secret, dict(self.headers.items())
        if not signing.is_signed(secret, signing.request_audience(path), headers, body):
            raise book.No("signature", 401)
        if not signing.is_fresh(headers):
            raise book.No("stale", 401)
        try:
            status, found = 200, API[path](self.server.store, _object(body))
        except book.No as refusal:
            status, found = refusal.status, {"code": refusal.code}
        answer = json.dumps(found, sort_keys=True).encode()
        nonce = self.headers.get(signing.NONCE_HEADER, "")
        signed = signing.signed_headers(secret, signing.answer_audience(f"{status} {nonce}"), answer)
        self._answer(status, "application/json", answer, signed)

    # --- the buyer --------------------------------------------------------------------------------------------------

    def _cashier(self, path: str, lang: str, *, refused: bool = False) -> None:
        _, door, token = path.split("/", 2)
        with self.server.store.reading() as db:
            payment = book.by_token(db, token)
            parts = db.execute(
                "SELECT * FROM part WHERE out_no = ? ORDER BY position", [payment["out_no"]]
            ).fetchall()
        shown = pages.cashier(payment, parts, lang, bridge=door == "bridge", refused=refused)
        self._page(200, shown, form_to=payment["return_url"])

    def _pay(self, token: str, what: str, lang: str) -> None:
        store = self.server.store
        if what == "pay":
            payment = book.pay(store, token)
        elif what == "refuse":
            book.refuse(store, token)
            self._cashier(f"/pay/{token}", lang, refused=True)
            return
        elif what == "later":
            with store.reading() as db:
                payment = book.by_token(db, token)
        else:
            raise book.No("malformed", 422)
        # After a QR code another device waits for the payment: this one shows that it is done.
        stays = payment["kind"] == "qr" and what == "pay"
        to = f"/pay/{quote(token)}?lang={lang}" if stays else payment["return_url"]
        self._answer(303, "text/plain", b"", {"Location": to})

    # --- bytes ------------------------------------------------------------------------------------------------------

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()) or int(length) > BODY_MAX:
            self.close_connection = True
            raise book.No("malformed", 413)
        return self.rfile.read(int(length))

    def _json(self, status: int, found: Wish) -> None:
        self._answer(status, "application/json", json.dumps(found, sort_keys=True).encode())

    def _page(self, status: int, text: str, *, form_to: str = "") -> None:
        """Browsers hold the redirect after a form to form-action as well: the shop's origin is named."""
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(form_to)) if form_to else ""
        policy = f"default-src 'none'; style-src 'self'; img-src data:; form-action 'self' {origin}; base-uri 'none'; frame-ancestors 'none'"
        self._answer(status, "text/html; charset=utf-8", text.encode(), {"Content-Security-Policy": policy})

    def _answer(self, status: int, kind: str, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (self.SAFE | (headers or {})).items():
            self.send_header(name, value.replace("\r", "").replace("\n", ""))
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it
        log.debug(format, *args)


def _object(body: bytes) -> Wish:
    try:
        found = json.loads(body)
    except ValueError as error:
        raise book.No("malformed", 422) from error
    if not isinstance(found, dict):
        raise book.No("malformed", 422)
    return found


def _fields(body: bytes) -> dict[str, str]:
    try:
        return {name: values[0] for name, values in parse_qs(body.decode(), max_num_fields=50).items()}
    except ValueError as error:
        raise book.No("malformed", 422) from error
