"""What every page gets: the request with its cluster, its actor and the shop that led here; small answers."""

from collections.abc import Collection
from typing import NoReturn

from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from yunju.kernel.actor import Actor
from yunju.kernel.errors import Forbidden, NotFound, SignInNeeded
from yunju.members.models import Cluster, Member, Visit
from yunju.members.words import CapacityKind, Permission
from yunju.shops.attribution import Attribution


class Request(HttpRequest):
    """A request after our middleware: typed names for what it set."""

    cluster: Cluster
    actor: Actor
    powers: Actor
    """What the person could do had they given the password: more than `actor` where powers sleep (`members.waking`)."""
    is_asleep: bool
    attribution: Attribution | None
    visit: Visit | None
    in_wechat: bool
    """Inside WeChat's own browser: pages say less of downloads, the rest is the same."""
    tabs: list[str]
    """The doors of the member whose page this is, by the names of their addresses."""
    share_token: str
    """The stamped token when the address of this page carried one: links keep it."""


def go(request: Request, name: str, *args: object, **query: object) -> HttpResponseRedirect:
    """On to another page, the share link kept."""
    words = {key: str(value) for key, value in query.items() if value not in (None, "")}
    if request.share_token:
        words["s"] = request.share_token
    address = reverse(name, args=args)
    return HttpResponseRedirect(f"{address}?{urlencode(words)}" if words else address)


def local_address(request: HttpRequest, text: str, otherwise: str = "/") -> str:
    """An address of this site out of a form or a query; anything else is `otherwise` (no open redirect)."""
    safe = url_has_allowed_host_and_scheme(
        text, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return text if safe and text.startswith("/") else otherwise


def signed_in(request: Request) -> int:
    """The user's id; whoever is not signed in is asked to, and comes back here."""
    if request.actor.user_id is None:
        raise SignInNeeded("web.sign_in_needed")
    return request.actor.user_id


def missing() -> NoReturn:
    """Not there, or not for this person: the same answer."""
    raise NotFound("web.not_found")


def acting_for(request: Request, code: str, permission: Permission) -> Member:
    """The member of this address, for whom the person holds `permission`. A stranger's member is not there."""
    signed_in(request)
    member = Member.objects.filter(cluster_id=request.cluster.pk, code=code).first()
    if member is None or member.pk not in request.actor.grants:
        missing()
    if not request.actor.holds(permission, member.pk):
        raise Forbidden("web.role_may_not")
    _open_doors(request, member)
    return member


def own_member(request: Request, member_id: int | None) -> Member | None:
    """The member when the person acts for it: the page then stands among its rooms."""
    if member_id is None or member_id not in request.actor.grants:
        return None
    member = Member.objects.get(pk=member_id)
    _open_doors(request, member)
    return member


def _open_doors(request: Request, member: Member) -> None:
    request.tabs = doors(
        request.powers.grants.get(member.pk, frozenset()),
        [one.kind for one in member.capacities.filter(ended_at=None)],
    )


DOORS = (
    ("supply_today", Permission.ORDER_SEE, True),
    ("to_ship", Permission.ORDER_SEE, True),
    ("offers", Permission.OFFER_EDIT, True),
    ("imports", Permission.OFFER_EDIT, True),
    ("cases", Permission.CASE_ANSWER, True),
    ("talks", Permission.CASE_ANSWER, True),
    ("member_reviews", Permission.CASE_ANSWER, True),
    ("member_service", Permission.MEMBER_EDIT, True),
    ("sellers", Permission.OFFER_EDIT, True),
    ("freight", Permission.RULE_EDIT, True),
    ("storing", Permission.STOCK_EDIT, True),
    ("helpers", Permission.ROLES_EDIT, True),
    ("earnings", Permission.MONEY_SEE, False),
    ("statement", Permission.MONEY_SEE, False),
    ("payee", Permission.PAYEE_EDIT, False),
    ("own_papers", Permission.MEMBER_EDIT, False),
    ("roles", Permission.ROLES_EDIT, False),
    ("own_filings", Permission.MEMBER_EDIT, False),
    ("robots", Permission.MEMBER_EDIT, False),
)
"""Address name, what it needs, whether it is for suppliers only."""


def doors(may: Collection[str], kinds: Collection[str]) -> list[str]:
    """The pages of a member that somebody may open. Goods can be prepared while the admission is still waited for."""
    sells = CapacityKind.SUPPLIER in kinds
    return [name for name, needed, for_suppliers in DOORS if needed in may and (sells or not for_suppliers)]


def operating(request: Request, permission: Permission) -> None:
    """Somebody of the operator with `permission`; for everybody else the page is not there."""
    signed_in(request)
    if not request.actor.is_operator:
        missing()
    if not request.actor.members_with(permission):
        raise Forbidden("web.role_may_not")
