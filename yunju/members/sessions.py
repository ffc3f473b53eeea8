"""Sessions. A raised `User.session_epoch` ends them all (see `User._get_session_auth_hash`); here: what one has shown.

Fresh is a session in which a code or the password was typed in the last 15 minutes: changing the number asks for that. One
that knows the password has typed it at some time; without it powers sleep (`members.waking`).
"""

from datetime import datetime, timedelta

from django.contrib.sessions.backends.base import SessionBase

from yunju.kernel import clock

CONFIRMED = "password_typed_at"
KNOWN = "password_known"
FRESH = timedelta(minutes=15)


def confirm(session: SessionBase, *, by_password: bool) -> None:
    """A code or the password was typed just now: at sign-in, or again before something weighty."""
    session[CONFIRMED] = clock.now().isoformat()
    if by_password:
        session[KNOWN] = True


def knows_password(session: SessionBase) -> bool:
    """True when the password was typed in this session, at whatever time."""
    return session.get(KNOWN) is True


def is_fresh(session: SessionBase) -> bool:
    """True for 15 minutes after a code or the password was typed."""
    typed = session.get(CONFIRMED)
    return isinstance(typed, str) and timedelta(0) <= clock.now() - datetime.fromisoformat(typed) <= FRESH
