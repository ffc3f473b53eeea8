"""Sessions. A raised `User.session_epoch` ends them all (see `User._get_session_auth_hash`); here: how fresh one is.

Changing who is paid, a password or a role asks for the password again when it was last typed too long ago.
"""

from datetime import datetime, timedelta

from django.contrib.sessions.backends.base import SessionBase

from yunju.kernel import clock

CONFIRMED = "password_typed_at"
FRESH = timedelta(minutes=15)


def confirm(session: SessionBase) -> None:
    """The password was typed just now: at sign-in, or again before something weighty."""
    session[CONFIRMED] = clock.now().isoformat()


def is_fresh(session: SessionBase) -> bool:
    """True for 15 minutes after the password was typed."""
    typed = session.get(CONFIRMED)
    return isinstance(typed, str) and timedelta(0) <= clock.now() - datetime.fromisoformat(typed) <= FRESH
