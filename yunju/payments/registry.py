"""The gateways of this installation by code. Adding one is one adapter and one line here."""

from collections.abc import Mapping

from yunju.kernel.errors import Invalid
from yunju.payments.contract import Gateway
from yunju.payments.simulated import Simulated

_gateways: dict[str, Gateway] = {Simulated.code: Simulated()}


def gateway(code: str) -> Gateway:
    """The gateway of that code. Raises Invalid (`payments.unknown_gateway`)."""
    if code not in _gateways:
        raise Invalid("payments.unknown_gateway", field="gateway", gateway=code[:20])
    return _gateways[code]


def all_gateways() -> Mapping[str, Gateway]:
    """Every registered gateway by code; the first is the default."""
    return dict(_gateways)


def default() -> str:
    """The code of the gateway that a site uses when nobody chose."""
    return next(iter(_gateways))


def register(adapter: Gateway) -> None:
    """Add a gateway to this process alone: a replay's, which is no door of the site."""
    _gateways[adapter.code] = adapter


def forget(code: str) -> None:
    """Take away what `register` added."""
    _gateways.pop(code, None)
