"""What payments refuse. `verify` raises one of the first three, or Foreign; a page then answers with their status."""

from yunju.kernel.errors import Busy, Invalid, Refused, YunjuError


class Forged(YunjuError):
    """A message whose signature is missing or not the provider's. Code `payments.forged`."""

    status = 401


class Stale(YunjuError):
    """A message rightly signed, but too long ago or for a later time: perhaps a replay. Code `payments.stale`."""

    status = 401


class Malformed(Invalid):
    """A message rightly signed that cannot be meant: unknown kind, no number, no amount. Code `payments.malformed`."""


class Foreign(Malformed):
    """A message rightly signed, but about another merchant, payment, currency or amount than ours.

    Codes `payments.other_merchant`, `payments.unknown_payment`, `payments.other_currency`, `payments.other_amount`.
    """


class GatewaySilent(Busy):
    """The provider did not answer, or not in words we know. Nothing is known about the effect: ask again with the same number.

    Code `payments.gateway_silent`.
    """


class GatewayRefused(Refused):
    """The provider answered no; `reason` is its own code. Code `payments.gateway_refused`."""
