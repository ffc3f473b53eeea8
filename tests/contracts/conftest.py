"""The provider, for the contract of gateways."""

from tests.payments.provider import provider, provider_process  # noqa: F401
