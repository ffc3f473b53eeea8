"""Making, ending and reading API tokens."""

import hashlib
import json
import secrets
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet
from msgspec import Struct

from yunju.api.models import ApiToken
from yunju.api.scopes import GRANTABLE
from yunju.kernel import clock, sql
from yunju.kernel.actor import Actor
from yunju.kernel.binding import KeptText
from yunju.kernel.errors import Invalid, NotFound, Refused
from yunju.kernel.ids import public_code
from yunju.kernel.locks import ALONE_MS, transaction_with_timeout
from yunju.kernel.prepared import prepared
from yunju.members import inputs
from yunju.members.actions.steps import lock_user
from yunju.members.policy import person

PREFIX = "yj_"
MOST_TOKENS = 20
MOST_DAYS = 365
_NOTE_USE_EVERY = timedelta(minutes=1)


def make_token(*, name: str, scopes: list[str], days: int, by: Actor) -> tuple[ApiToken, str]:
    """A token of the acting person and its secret, which nobody can read again."""
    user_id = person(by)
    name = inputs.text(name, field="name", most=60)
    inputs.integer(days, field="days", least=1, most=MOST_DAYS)
    if not scopes or not set(scopes) <= set(GRANTABLE):
        raise Invalid("api.scopes", field="scopes")
    secret = PREFIX + secrets.token_urlsafe(32)
    with transaction_with_timeout(ALONE_MS):
        user = lock_user(user_id)
        if tokens_of(by).count() >= MOST_TOKENS:
            raise Refused("api.too_many_tokens", most=MOST_TOKENS)
        token = ApiToken.objects.create(
            cluster_id=by.cluster_id,
            user=user,
            name=name,
            code=public_code(),
            hash=digest(secret),
            scopes=sorted(set(scopes)),
            session_epoch=user.session_epoch,
            made_at=clock.now(),
            expires_at=clock.now() + timedelta(days=days),
        )
    return token, secret


def end_token(*, code: str, by: Actor) -> None:
    """Dead with the next request; ending twice is once."""
    mine = ApiToken.objects.filter(cluster_id=by.cluster_id, user_id=person(by), code=code)
    if not mine.exists():
        raise NotFound("api.no_token")
    mine.filter(ended_at__isnull=True).update(ended_at=clock.now())


def tokens_of(by: Actor) -> QuerySet[ApiToken]:
    """The living tokens of a person in this cluster."""
    return _living().filter(cluster_id=by.cluster_id, user_id=person(by)).order_by("id")


def find(secret: str, cluster_id: int) -> ApiToken | None:
    """The living token of that secret in that cluster, its use noted at most once a minute."""
    if not secret.startswith(PREFIX) or len(secret) > 100:
        return None
    now = clock.now()
    rows = _of_secret.rows(hash=digest(secret), cluster_id=cluster_id, now=now)
    found = rows[0] if rows else None
    if found is not None and _is_stale(found.last_used_at, now):
        _note_use([found.pk], now)
    return found


class Bearer(Struct, frozen=True, gc=False):
    """What a living token says of who holds it."""

    token_id: int
    user_id: int
    name: str
    scopes: tuple[str, ...]
    used_at: datetime | None


def found_asked(cluster_id: int, secrets_given: Collection[str]) -> sql.Asked[dict[str, Bearer]]:
    """`find` for a batch, to be asked with other things: secret -> bearer. What is no living token of the cluster is
    absent. Whoever asked says so to `note_uses`."""
    hashes = {
        digest(one): one
        for one in secrets_given
        if one.startswith(PREFIX) and len(one) <= 100 and one.isascii()
    }
    return sql.Asked(
        KeptText(
            "SELECT t.id, t.hash, t.user_id, u.name, t.scopes, t.last_used_at FROM api_token t"
            " JOIN members_user u ON u.id = t.user_id"
            " WHERE t.hash = ANY(%s::text[]) AND t.cluster_id = %s AND t.ended_at IS NULL AND t.expires_at > %s"
            " AND u.is_active AND t.session_epoch = u.session_epoch"
        ),
        [list(hashes), cluster_id, clock.now()],
        lambda rows: {
            hashes[digest]: Bearer(token_id, user_id, name, tuple(json.loads(scopes)), used_at)
            for token_id, digest, user_id, name, scopes, used_at in rows
        },
    )


def note_uses(bearers: Iterable[Bearer]) -> None:
    """That these tokens were used, at most once a minute each."""
    now = clock.now()
    _note_use([one.token_id for one in bearers if _is_stale(one.used_at, now)], now)


def _is_stale(used_at: datetime | None, now: datetime) -> bool:
    return used_at is None or used_at < now - _NOTE_USE_EVERY


def _note_use(token_ids: Sequence[int], now: datetime) -> None:
    if token_ids:
        stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - _NOTE_USE_EVERY)
        ApiToken.objects.filter(stale, pk__in=token_ids).update(last_used_at=now)


@prepared(hash=str, cluster_id=int, now=datetime)
def _of_secret(hash: str, cluster_id: int, now: datetime) -> QuerySet[ApiToken]:  # noqa: A002 - the column's name
    return _living(now).select_related("user").filter(hash=hash, cluster_id=cluster_id)


def _living(now: datetime | None = None) -> QuerySet[ApiToken]:
    return ApiToken.objects.filter(
        ended_at__isnull=True,
        expires_at__gt=now or clock.now(),
        user__is_active=True,
        session_epoch=F("user__session_epoch"),
    )


def digest(secret: str) -> str:
    """The secret has 256 random bits: a plain hash is enough, there is nothing to guess."""
    return hashlib.sha256(f"yunju-api:{secret}".encode()).hexdigest()
