"""Signatures between the simulated provider and its merchant: HMAC-SHA256 over audience.timestamp.nonce.body.

The audience says for whom and for which call a message is, so that none can be turned back at its sender or used for
another call. Also what a merchant's side needs of it, as a provider's own SDK would give: nothing else is shared.
"""

import hashlib
import hmac
import os
import secrets
import time
from collections.abc import Mapping
from pathlib import Path

MERCHANT = "yunju"
"""The one merchant this provider knows."""

NOTIFICATION = "merchant notification"
MERCHANT_HEADER = "X-Sim-Merchant"
TIMESTAMP_HEADER = "X-Sim-Timestamp"
NONCE_HEADER = "X-Sim-Nonce"
SIGNATURE_HEADER = "X-Sim-Signature"
SECRET_FILE = "secret"  # noqa: S105 - a file's name
FRESH_SECONDS = 300


def present() -> float:
    """The machine's own time: a signature's age is real, even where a test or a demonstration has set another clock."""
    return time.time()


def request_audience(path: str) -> str:
    return f"gateway {path}"


def answer_audience(nonce: str) -> str:
    """An answer is bound to the request that asked for it."""
    return f"answer {nonce}"


def load_secret(home: Path) -> bytes:
    """The merchant's secret in the provider's home; made when it is not there yet, readable by its user alone."""
    path = home / SECRET_FILE
    if not path.exists():
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = home / f"{SECRET_FILE}.{os.getpid()}"
        with os.fdopen(
            os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii"
        ) as out:
            out.write(secrets.token_hex(32))
            out.flush()
            os.fsync(out.fileno())
        try:
            path.hardlink_to(part)  # whole, and never over one that another process made meanwhile
        except FileExistsError:
            return read_secret(home)
        finally:
            part.unlink()
    return read_secret(home)


def read_secret(home: Path) -> bytes:
    """Raises FileNotFoundError when the provider never ran in this home, ValueError when the file is damaged."""
    return bytes.fromhex((home / SECRET_FILE).read_text(encoding="ascii").strip())


def signature(secret: bytes, audience: str, timestamp: int, nonce: str, body: bytes) -> str:
    head = f"{audience}.{timestamp}.{nonce}.".encode()
    return hmac.new(secret, head + body, hashlib.sha256).hexdigest()


def signed_headers(secret: bytes, audience: str, body: bytes, *, age: int = 0) -> dict[str, str]:
    """The headers of a message signed now, or `age` seconds ago."""
    timestamp, nonce = int(present()) - age, secrets.token_hex(16)
    return {
        MERCHANT_HEADER: MERCHANT,
        TIMESTAMP_HEADER: str(timestamp),
        NONCE_HEADER: nonce,
        SIGNATURE_HEADER: signature(secret, audience, timestamp, nonce, body),
    }


def is_signed(secret: bytes, audience: str, headers: Mapping[str, str], body: bytes) -> bool:
    """True when the message was signed with the secret for this audience, whenever that was."""
    given = {name.lower(): value for name, value in headers.items()}
    timestamp, nonce = given.get(TIMESTAMP_HEADER.lower(), ""), given.get(NONCE_HEADER.lower(), "")
    shown = given.get(SIGNATURE_HEADER.lower(), "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12 and shown.isascii()):
        return False
    return hmac.compare_digest(signature(secret, audience, int(timestamp), nonce, body), shown)


def is_fresh(headers: Mapping[str, str]) -> bool:
    """True when the time beside a signature is at most 300 s away from the present. Only after `is_signed`."""
    given = {name.lower(): value for name, value in headers.items()}
    return abs(int(given[TIMESTAMP_HEADER.lower()]) - present()) <= FRESH_SECONDS
