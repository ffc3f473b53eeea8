"""The provider, for tests that need a gateway."""

from tests.payments.provider import provider, provider_process  # noqa: F401
