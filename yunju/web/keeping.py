"""What every page of a shopkeeper begins with: which shop, whether it is theirs, and the links that bring buyers to it."""

from urllib.parse import urlencode

from yunju.kernel.memory import remembered
from yunju.members.models import WechatSettings
from yunju.members.words import Permission
from yunju.shops import attribution, queries
from yunju.shops.models import Shop
from yunju.web.request import Request, missing, signed_in

HOST_SECONDS = 10


def shop_of(request: Request, code: str) -> Shop:
    """A shop as anybody sees it."""
    found = queries.visible_to(request.actor).select_related("member", "cluster").filter(code=code).first()
    if found is None:
        missing()
    return found


def own_shop(request: Request, code: str, permission: Permission = Permission.SHOP_EDIT) -> Shop:
    """An open shop that the person keeps; a stranger's is not there."""
    signed_in(request)
    shop = shop_of(request, code)
    if not request.actor.holds(permission, shop.member_id) or shop.closed_at is not None:
        missing()
    return shop


def kept_shop(request: Request) -> Shop | None:
    """The open shop of the person, the first where there are several."""
    return queries.own_shops(request.actor).first()


def share_address(request: Request, shop: Shop, path: str = "", source: str = "link") -> str:
    """A link to send around: it names the shop, signed."""
    words = urlencode({"s": attribution.make_token(shop.pk, source)})
    return f"{origin(request)}{path or f'/shops/{shop.code}'}?{words}"


def origin(request: Request) -> str:
    """Scheme and host of links that go out: the host for share links where the cluster has one, else this page's.

    A host of their own keeps the others when an app blocks it.
    """
    cluster_id = request.cluster.pk
    host = remembered(("share host", cluster_id), HOST_SECONDS, lambda: _share_host(cluster_id))
    return f"{request.scheme}://{host or request.get_host()}"


def _share_host(cluster_id: int) -> str:
    hosts = WechatSettings.objects.filter(cluster_id=cluster_id).values_list("share_host", flat=True)
    return hosts.first() or ""
