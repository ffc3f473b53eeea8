"""Identity and bank numbers at rest: AES-256-GCM with the key's id beside each value, and keyed hashes to find them.

The first key of `YUNJU_DATA_KEYS` writes, all of them read, so that keys can be changed while old rows stay readable.
Each value is bound to what it is about (`payee:42`): copied into another row it does not open.
"""

import hmac
import secrets
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

VERSION = b"\x01"
NONCE = 12


class Unreadable(Exception):
    """A stored value does not open: its key is gone, or the row was tampered with. An alarm, never a person's fault."""


def seal(text: str, *, about: str) -> bytes:
    """Encrypt `text` as something about `about`: version, length and id of the key, nonce, ciphertext with tag."""
    key_id = _writing_key()
    name, nonce = key_id.encode(), secrets.token_bytes(NONCE)
    cipher = AESGCM(_derived(key_id, b"seal")).encrypt(nonce, text.encode(), about.encode())
    return VERSION + bytes([len(name)]) + name + nonce + cipher


def unseal(value: bytes | memoryview, *, about: str) -> str:
    """The text that `seal` was given for the same `about`."""
    raw = bytes(value)
    if raw[:1] != VERSION or len(raw) < 2:
        raise Unreadable("unknown form")
    start = 2 + raw[1]
    key_id = raw[2:start].decode("utf-8", "replace")
    if key_id not in _keys():
        raise Unreadable(f"key {key_id!r} is not in YUNJU_DATA_KEYS")
    nonce, cipher = raw[start : start + NONCE], raw[start + NONCE :]
    try:
        return AESGCM(_derived(key_id, b"seal")).decrypt(nonce, cipher, about.encode()).decode()
    except InvalidTag as error:
        raise Unreadable("the value does not belong here") from error


def blind_index(text: str) -> bytes:
    """A keyed hash under the writing key, to store beside a sealed value."""
    return _index(_writing_key(), text)


def blind_indexes(text: str) -> list[bytes]:
    """The keyed hashes under every key, to look a value up whenever it was written."""
    return [_index(key_id, text) for key_id in _keys()]


def _index(key_id: str, text: str) -> bytes:
    return hmac.digest(_derived(key_id, b"index"), text.encode(), "sha256")


def _keys() -> dict[str, bytes]:
    keys: dict[str, bytes] = settings.YUNJU_DATA_KEYS
    if not keys:
        raise ImproperlyConfigured("YUNJU_DATA_KEYS is not set: identity and bank numbers cannot be stored")
    return keys


def _writing_key() -> str:
    return next(iter(_keys()))


def _derived(key_id: str, purpose: bytes) -> bytes:
    """One key per purpose, so that a hash never helps against a cipher."""
    return _expand(_keys()[key_id], purpose)


@lru_cache(maxsize=32)
def _expand(key: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"yunju members " + purpose).derive(key)
