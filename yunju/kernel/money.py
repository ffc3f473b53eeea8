"""Money: an integer number of minor units (分) and a currency. No floats, no Decimal sums (DESIGN 4.1)."""

import re
from dataclasses import dataclass

MAX_MINOR = 10**12
"""The largest amount one entry may carry, in minor units (invariant I2)."""

EXPONENTS = {"CNY": 2, "USD": 2, "EUR": 2, "GBP": 2, "HKD": 2, "BRL": 2, "JPY": 0, "KRW": 0}
"""ISO 4217 exponents of the currencies a cluster may keep its book in."""

SYMBOLS = {
    "CNY": "¥",
    "USD": "$",
    "EUR": "€",
    "GBP": "£",
    "HKD": "HK$",
    "BRL": "R$",
    "JPY": "JP¥",
    "KRW": "₩",
}

_AMOUNT = re.compile(r"(-?)(\d{1,13})(?:\.(\d{1,6}))?", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """`minor` units of `currency`. Sums only with its own currency."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError("money is an int of minor units")
        if self.currency not in EXPONENTS:
            raise ValueError(f"unknown currency {self.currency!r}")

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def _same(self, other: "Money") -> None:
        if other.currency != self.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}")

    def __str__(self) -> str:
        return format_minor(self.minor, self.currency)


def decimal_text(minor: int, currency: str) -> str:
    """Plain decimal digits without a symbol: 123456 of CNY is `1234.56`. For exports and forms."""
    exponent = EXPONENTS[currency]
    sign, digits = ("-" if minor < 0 else ""), str(abs(minor)).rjust(exponent + 1, "0")
    return f"{sign}{digits[:-exponent]}.{digits[-exponent:]}" if exponent else f"{sign}{digits}"


def format_minor(minor: int, currency: str) -> str:
    """What a person reads: `¥1,234.56`, minus before the symbol."""
    whole, dot, cents = decimal_text(abs(minor), currency).partition(".")
    sign = "-" if minor < 0 else ""
    return f"{sign}{SYMBOLS[currency]}{int(whole):,}{dot}{cents}"


def parse_minor(text: str, currency: str) -> int:
    """Minor units of a decimal text such as `12.30`.

    Raises ValueError for anything but ASCII digits with at most the currency's decimals: `１２`, `1_0`, `1e3`,
    `NaN`, `12.345` are refused, never rounded.
    """
    found = _AMOUNT.fullmatch(text.strip())
    if not found:
        raise ValueError("not an amount")
    sign, whole, cents = found.group(1), found.group(2), found.group(3) or ""
    exponent = EXPONENTS[currency]
    if len(cents.rstrip("0")) > exponent:
        raise ValueError("too many decimals")
    minor: int = int(whole) * 10**exponent + int((cents[:exponent] or "0").ljust(exponent, "0") or "0")
    if minor > MAX_MINOR:
        raise ValueError("amount out of range")
    return -minor if sign else minor
