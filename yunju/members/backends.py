"""Typing one's own password again, for accounts with and without e-mail; and what wrong passwords are counted by."""

from typing import Any

from django.contrib.auth.hashers import check_password

from yunju.members.models import User

AGAIN = "account "
"""Before the number of an account: no e-mail address begins so."""


class OwnPassword:
    """Who is signed in already shows that they know the password: `authenticate(..., confirming=user)`.

    A sign-in does not name `confirming`, so Django passes this back end by; and no session is ever its own.
    """

    def authenticate(
        self,
        request: object,  # noqa: ARG002  (Django's contract)
        username: str | None = None,
        password: str | None = None,
        *,
        confirming: User,
    ) -> User | None:
        """The same user when the password is theirs."""
        known = username == again(confirming) and confirming.is_active and password
        return confirming if known and check_password(password, confirming.password) else None


def again(user: User) -> str:
    """The name under which wrong tries of somebody who is signed in already are counted."""
    return f"{AGAIN}{user.pk}"


def counted_by(attempt: Any, credentials: dict[str, Any] | None = None) -> list[str | list[str]]:
    """At the sign-in by name and address, so that an office behind one address is not locked out as a whole, nor a person
    by strangers. Typing it again by the account alone: who holds somebody's phone gains nothing by changing addresses."""
    name = (credentials or {}).get("username") or getattr(attempt, "username", "") or ""
    return ["username"] if str(name).startswith(AGAIN) else [["username", "ip_address"]]
