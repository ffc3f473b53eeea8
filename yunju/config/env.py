"""Reading the environment: a value is right, or the start fails and names the variable and what it expects."""

import base64
import binascii
import ipaddress
import os
import re
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

SEEN: Final[set[str]] = set()  # every name that was ever asked for; tests/test_docs.py wants each explained
CLOCK_SHIFT_HOURS_MAX: Final = 10 * 366 * 24
DATA_KEY_BYTES: Final = 32  # AES-256
HOST_LENGTH_MAX: Final = 253
HOST_PART: Final = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
ROOT_HOME: Final = Path("/var/lib/yunju/home")  # /root is closed to the unprivileged user PostgreSQL runs as


class SettingsError(ImproperlyConfigured):
    """A variable is missing or has a value that cannot be meant."""

    def __init__(self, name: str, value: str, expected: str) -> None:
        super().__init__(f"{name} is {value!r}: expected {expected}.")


def text(name: str, default: str = "") -> str:
    SEEN.add(name)
    return os.environ.get(name, "").strip() or default


def number(name: str, default: int, *, least: int, most: int) -> int:
    value = text(name, str(default))
    if not (value.isascii() and value.isdigit() and least <= int(value) <= most):
        raise SettingsError(name, value, f"a whole number from {least} to {most}")
    return int(value)


def switch(name: str, *, default: bool) -> bool:
    value = text(name, "1" if default else "0").lower()
    if value not in {"0", "1", "no", "yes", "false", "true"}:
        raise SettingsError(name, value, "1 or 0")
    return value in {"1", "yes", "true"}


def one_of(name: str, default: str, allowed: tuple[str, ...]) -> str:
    value = text(name, default)
    if value not in allowed:
        raise SettingsError(name, value, "one of " + ", ".join(allowed))
    return value


def some_of(name: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
    """`one,two`: any of the words that are known, none when it is not given."""
    found = tuple(entry.strip() for entry in text(name).split(",") if entry.strip())
    for entry in found:
        if entry not in allowed:
            raise SettingsError(name, entry, "some of " + ", ".join(allowed))
    return found


def identifier(name: str, default: str) -> str:
    """A name that may stand in SQL without quotes."""
    value = text(name, default)
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", value):
        raise SettingsError(name, value, "small letters, digits and _, not starting with a digit")
    return value


def origin(name: str, default: str) -> str:
    """A web address without path: scheme, host, perhaps a port."""
    value = text(name, default).rstrip("/")
    parts = urlsplit(value)
    bare = not (parts.path or parts.query or parts.fragment or parts.username)
    if parts.scheme not in {"http", "https"} or not parts.hostname or not bare:
        raise SettingsError(name, value, "an address such as https://market.example, without a path")
    return value


def stand_in(name: str, *, allowed: bool) -> str:
    """An address that answers instead of the providers' own; refused where people really work."""
    value = text(name)
    if value and not allowed:
        raise SettingsError(name, value, "nothing outside tests and trying out (YUNJU_TRYING_OUT)")
    return origin(name, "") if value else ""


def mail_server(name: str, *, sender: str) -> dict[str, str]:
    """`smtps://user:password@host:465`, or `smtp+tls://` and `smtp://`; empty: no mail leaves the house."""
    value = text(name)
    if not value:
        return {}
    parts = urlsplit(value)
    if parts.scheme not in {"smtp", "smtp+tls", "smtps"} or not parts.hostname or "@" not in sender:
        raise SettingsError(name, "***", "smtps://user:password@host:port, and a sender in YUNJU_MAIL_FROM")
    port = parts.port or {"smtp": 25, "smtp+tls": 587, "smtps": 465}[parts.scheme]
    return {
        "scheme": parts.scheme,
        "host": parts.hostname,
        "port": str(port),
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
    }


def hosts(name: str) -> list[str]:
    """`a.example,b.example`: bare host names, without scheme, port or wildcard."""
    found = [entry.strip().lower() for entry in text(name).split(",") if entry.strip()]
    for host in found:
        if len(host) > HOST_LENGTH_MAX or not re.fullmatch(rf"{HOST_PART}(\.{HOST_PART})*", host, re.ASCII):
            raise SettingsError(name, host, "host names such as west.example,east.example")
    return found


def networks(name: str, default: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """`10.0.0.0/8,203.0.113.7`: networks and single addresses."""
    found = []
    for entry in filter(None, (part.strip() for part in text(name, default).split(","))):
        try:
            found.append(ipaddress.ip_network(entry))
        except ValueError as error:
            raise SettingsError(
                name, entry, "addresses or networks such as 10.0.0.0/8,203.0.113.7"
            ) from error
    return found


def clock_shift_hours() -> int:
    """How many hours ahead of its machine an installation lives; `up` needs it before there are settings."""
    return number("YUNJU_CLOCK_SHIFT_HOURS", 0, least=0, most=CLOCK_SHIFT_HOURS_MAX)


def home() -> Path:
    """The folder of this installation; it need not exist yet."""
    default = ROOT_HOME if os.geteuid() == 0 else Path.home() / ".yunju"
    value = text("YUNJU_HOME", str(default))
    folder = Path(value).expanduser()
    if folder.exists() and not folder.is_dir():
        raise SettingsError("YUNJU_HOME", value, "a folder, not a file")
    return folder.absolute()


def data_keys(name: str) -> dict[str, bytes]:
    """`id:base64,id:base64`: the first key encrypts, all of them decrypt; an empty variable is no key."""
    keys = {}
    for entry in filter(None, text(name).split(",")):
        key_id, _, encoded = entry.partition(":")
        try:
            key = base64.b64decode(encoded, altchars=b"-_", validate=True)
        except binascii.Error as error:
            raise SettingsError(name, "***", "id:key pairs with keys in base64") from error
        if not key_id or key_id in keys or len(key) != DATA_KEY_BYTES:
            raise SettingsError(name, "***", f"id:key pairs, each id once, each key {DATA_KEY_BYTES} bytes")
        keys[key_id] = key
    return keys


def database(name: str, default: str) -> dict[str, object]:
    """postgresql://role:password@host:port/name?host=/socket/folder as Django's settings of a database."""
    value = text(name, default)
    parts = urlsplit(value)
    options = dict(parse_qsl(parts.query))
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise SettingsError(name, "***", "postgresql://role:password@host:port/database")
    try:
        port = parts.port
    except ValueError as error:
        raise SettingsError(name, "***", "a port from 1 to 65535") from error
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", unquote(parts.hostname or "")),
        "PORT": options.pop("port", str(port or "")),
        "OPTIONS": options,
    }
