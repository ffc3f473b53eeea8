"""Shops: opening one, what stands over it, its links and the share codes of its people."""

from typing import Annotated, Literal

from ninja import Router, Schema, Status
from pydantic import Field, StrictInt

from yunju.api.auth import ApiRequest, needs
from yunju.api.scopes import Scope
from yunju.api.shapes import Body, Code, Text
from yunju.kernel.errors import NotFound
from yunju.members.queries import member_visible_to
from yunju.shops import actions, queries
from yunju.shops.attribution import make_token
from yunju.shops.models import ShareCode, Shop

router = Router(tags=["shops"])


class ShopShape(Schema):
    """A shop as anybody sees it."""

    code: str
    name: str
    intro: str
    is_open: bool

    @staticmethod
    def resolve_is_open(shop: Shop) -> bool:
        return shop.closed_at is None


class OpenBody(Body):
    """What opening a shop asks. `member`: the firm in whose name; left out, the person's own."""

    name: Text
    phone: Text
    intro: Text = ""
    member: Code | None = None


class ShopBody(Body):
    """What is left out stays."""

    name: Text | None = None
    intro: Text | None = None


class LinkBody(Body):
    """How the link is spread, and for whose statistics."""

    source: Literal["link", "poster", "plate", "search"] = "link"
    share_code: Annotated[Text, Field(max_length=8)] = ""


class LinkShape(Schema):
    """The signed token, and the address of the shop with it."""

    token: str
    url: str


class ShareCodeShape(Schema):
    """A code of one person of the shop."""

    code: str
    user: int
    name: str

    @staticmethod
    def resolve_user(found: ShareCode) -> int:
        return found.user_id

    @staticmethod
    def resolve_name(found: ShareCode) -> str:
        return found.user.name


class ShareCodeBody(Body):
    """For whom; left out, for oneself."""

    user: StrictInt | None = None


@router.get("/shops", response=list[ShopShape], auth=needs(Scope.SHOP))
def list_own_shops(request: ApiRequest) -> list[Shop]:
    """The open shops that the caller keeps."""
    return list(queries.own_shops(request.auth))


@router.post("/shops", response={201: ShopShape}, auth=needs(Scope.SHOP))
def open_shop(request: ApiRequest, payload: OpenBody) -> Status[Shop]:
    """Open a shop at once, with nobody's approval."""
    member = member_visible_to(request.auth, payload.member) if payload.member is not None else None
    shop = actions.open_shop(
        name=payload.name,
        phone=payload.phone,
        intro=payload.intro,
        by=request.auth,
        member_id=member.pk if member else None,
    )
    return Status(201, shop)


@router.get("/shops/{code}", response=ShopShape, auth=needs(Scope.PUBLIC))
def show_shop(request: ApiRequest, code: Code) -> Shop:
    """One shop."""
    return queries.shop_visible_to(request.auth, code)


@router.patch("/shops/{code}", response=ShopShape, auth=needs(Scope.SHOP))
def edit_shop(request: ApiRequest, code: Code, payload: ShopBody) -> Shop:
    """Change what stands over the shop."""
    shop = queries.shop_visible_to(request.auth, code)
    return actions.edit_shop(shop_id=shop.pk, name=payload.name, intro=payload.intro, by=request.auth)


@router.delete("/shops/{code}", response={204: None}, auth=needs(Scope.SHOP))
def close_shop(request: ApiRequest, code: Code) -> Status[None]:
    """Close a shop for good."""
    actions.close_shop(shop_id=queries.shop_visible_to(request.auth, code).pk, by=request.auth)
    return Status(204, None)


@router.post("/shops/{code}/links", response=LinkShape, auth=needs(Scope.SHOP))
def make_link(request: ApiRequest, code: Code, payload: LinkBody) -> dict[str, str]:
    """A signed link to the shop. It changes nothing and counts from the moment a buyer opens it."""
    shop = _own_shop(request, code)
    known = ShareCode.objects.filter(shop=shop, code=payload.share_code, ended_at__isnull=True)
    if payload.share_code and not known.exists():
        raise NotFound("shops.no_share_code", field="share_code")
    token = make_token(shop.pk, payload.source, payload.share_code)
    return {"token": token, "url": request.build_absolute_uri(f"/shops/{shop.code}?s={token}")}


@router.get("/shops/{code}/share-codes", response=list[ShareCodeShape], auth=needs(Scope.SHOP))
def list_share_codes(request: ApiRequest, code: Code) -> list[ShareCode]:
    """The living codes: everybody's for managers, one's own for staff."""
    shop = _own_shop(request, code)
    found = queries.share_codes_visible_to(request.auth).filter(shop=shop, ended_at__isnull=True)
    return list(found.order_by("id"))


@router.post("/shops/{code}/share-codes", response={201: ShareCodeShape}, auth=needs(Scope.SHOP))
def make_share_code(request: ApiRequest, code: Code, payload: ShareCodeBody) -> Status[ShareCode]:
    """A code for one person of the shop's firm; the one that person has, if any."""
    shop = queries.shop_visible_to(request.auth, code)
    user_id = payload.user if payload.user is not None else request.auth.user_id
    return Status(201, actions.make_share_code(shop_id=shop.pk, user_id=user_id or 0, by=request.auth))


@router.delete("/share-codes/{code}", response={204: None}, auth=needs(Scope.SHOP))
def end_share_code(request: ApiRequest, code: Code) -> Status[None]:
    """The code is counted for nobody any more."""
    actions.end_share_code(code=code, by=request.auth)
    return Status(204, None)


def _own_shop(request: ApiRequest, code: str) -> Shop:
    """An open shop that the caller keeps; anybody else's has no such doors."""
    shop = queries.own_shops(request.auth).filter(code=code).first()
    if shop is None:
        raise NotFound("shops.no_shop")
    return shop
