"""Who is asking: a bearer token within its scopes, a signed-in browser, or nobody in particular."""

from django.http import HttpRequest
from msgspec.structs import replace
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from yunju.api import limits, tokens
from yunju.api.scopes import Scope
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Forbidden, SignInNeeded
from yunju.members import queries as members
from yunju.members.models import Cluster

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class ApiRequest(HttpRequest):
    """A request that met `needs`."""

    cluster: Cluster
    auth: Actor


class Token(AuthBase):
    """Sets `request.auth` to the actor, or raises. Whether an actor may is for the actions to say."""

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> Actor:
        cluster = cluster_of(request)
        header = request.headers.get("Authorization", "")
        actor = self._by_token(header, cluster) if header else self._by_session(request, cluster)
        limits.count(actor, request.META.get("REMOTE_ADDR", ""))
        return actor

    def _by_token(self, header: str, cluster: Cluster) -> Actor:
        scheme, _, secret = header.partition(" ")
        token = tokens.find(secret.strip(), cluster.pk) if scheme.lower() == "bearer" else None
        if token is None:
            raise SignInNeeded("api.token_unknown")
        if self.scope is Scope.SESSION or (self.scope and self.scope not in token.scopes):
            raise Forbidden("api.scope_missing", scope=self.scope.value)
        return members.actor_for(token.user, cluster)

    def _by_session(self, request: HttpRequest, cluster: Cluster) -> Actor:
        """A cookie is sent by the browser whoever asks it to: what changes something needs the CSRF token too."""
        if request.method not in SAFE and check_csrf(request) is not None:
            raise Forbidden("api.csrf")
        known = getattr(request, "actor", None)
        actor = known if isinstance(known, Actor) else members.actor_for(request.user, cluster)
        return actor if _is_kept(actor.holder, request) else replace(actor, holder="")


def _is_kept(holder: str, request: HttpRequest) -> bool:
    """A browser's secret counts when the browser sent it: a fresh one that a program never stores would lose its purchases."""
    return any(members.holder_hash(secret) == holder for secret in request.COOKIES.values())


def needs(scope: Scope) -> Token:
    """The `auth` of a route."""
    return Token(scope)


def cluster_of(request: HttpRequest) -> Cluster:
    """The cluster of the host that was asked."""
    known = getattr(request, "cluster", None)
    return known if isinstance(known, Cluster) else members.cluster_for_host(request.get_host())
