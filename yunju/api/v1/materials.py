"""素材, and what a shop makes of it: sets to share, posters, and the day's figures."""

from datetime import date, datetime

from django.http import HttpResponse
from ninja import Router, Schema, Status

from yunju.api.auth import ApiRequest, needs
from yunju.api.scopes import Scope
from yunju.api.shapes import Body, Code
from yunju.api.v1.shelf import file_url
from yunju.catalog import queries as catalog
from yunju.catalog.materials import materials_visible_to
from yunju.catalog.models import Material
from yunju.kernel import clock
from yunju.kernel.errors import NotFound
from yunju.members.words import Permission
from yunju.orders.queries import shop_orders
from yunju.orders.queries import statement as money
from yunju.shops import actions, posters, queries, traffic
from yunju.shops.attribution import make_token
from yunju.shops.models import Shop
from yunju.shops.poster_words import poster_of

router = Router(tags=["material"])


class MaterialPictureShape(Schema):
    """One picture of a set, as JPEG."""

    url: str
    width: int
    height: int


class MaterialShape(Schema):
    """A text that shops may post as it is, and its pictures."""

    code: str
    text: str
    made_at: datetime
    pictures: list[MaterialPictureShape]


class PostBody(Body):
    """Which set was posted."""

    material: Code


class DayShape(Schema):
    """One day of a shop. Money is null for those who may not see it."""

    day: date
    views: int
    visitors: int
    orders_placed: int
    orders_paid: int
    earned_minor: int | None


class TodayShape(Schema):
    """Today, yesterday, and what can be taken out now."""

    currency: str
    today: DayShape
    yesterday: DayShape
    available_minor: int | None
    next_due_at: datetime | None


@router.get("/offers/{code}/materials", response=list[MaterialShape], auth=needs(Scope.PUBLIC))
def list_materials(request: ApiRequest, code: Code) -> list[dict[str, object]]:
    """The living sets of an offer, the newest first."""
    offer = catalog.offer_by_code(request.auth, code)
    return [_set(one) for one in materials_visible_to(request.auth).filter(offer=offer)]


@router.post("/shops/{code}/posts", response={204: None}, auth=needs(Scope.SHOP))
def mark_posted(request: ApiRequest, code: Code, payload: PostBody) -> Status[None]:
    """The shop has posted this set; said again, the date is that of the last time."""
    shop = _own_shop(request, code)
    found = materials_visible_to(request.auth).filter(code=payload.material).first()
    if found is None:
        raise NotFound("shops.no_material", field="material")
    actions.mark_posted(shop_id=shop.pk, material_id=found.pk, by=request.auth)
    return Status(204, None)


@router.delete("/shops/{code}/posts/{material}", response={204: None}, auth=needs(Scope.SHOP))
def unmark_posted(request: ApiRequest, code: Code, material: Code) -> Status[None]:
    """It was not posted after all."""
    shop = _own_shop(request, code)
    found = Material.objects.filter(code=material, offer__cluster_id=request.auth.cluster_id).first()
    if found is None:
        raise NotFound("shops.no_material")
    actions.unmark_posted(shop_id=shop.pk, material_id=found.pk, by=request.auth)
    return Status(204, None)


@router.get("/shops/{code}/poster", auth=needs(Scope.SHOP))
def show_poster(request: ApiRequest, code: Code, offer: Code = "") -> HttpResponse:
    """The poster of the shop, or of one of its picks, as PNG of 750 x 1334 pixels."""
    shop = _own_shop(request, code)
    listing = queries.on_show(shop).filter(offer__code=offer).first() if offer else None
    if offer and listing is None:
        raise NotFound("shops.no_listing", field="offer")
    path = f"/offers/{offer}" if offer else f"/shops/{shop.code}"
    link = request.build_absolute_uri(f"{path}?s={make_token(shop.pk, 'poster')}")
    return HttpResponse(posters.png(poster_of(shop, listing, link=link)), content_type="image/png")


@router.get("/shops/{code}/today", response=TodayShape, auth=needs(Scope.SHOP))
def show_today(request: ApiRequest, code: Code) -> dict[str, object]:
    """Views, visitors, orders and commission of today and yesterday, cut in the cluster's time zone."""
    shop = _own_shop(request, code)
    zone, by = request.cluster.timezone, request.auth
    last = clock.local_day(clock.now(), zone)
    looked = traffic.days(shop, last=last, count=2, by=by)
    sold = shop_orders.takings(shop, last=last, count=2, zone=zone, by=by)
    sees = by.holds(Permission.MONEY_SEE, shop.member_id)
    yesterday, today = (
        {
            "day": seen.day,
            "views": seen.views,
            "visitors": seen.visitors,
            "orders_placed": taken.placed,
            "orders_paid": taken.paid,
            "earned_minor": taken.earned_minor if sees else None,
        }
        for seen, taken in zip(looked, sold, strict=True)
    )
    return {
        "currency": request.cluster.currency,
        "today": today,
        "yesterday": yesterday,
        "available_minor": money.balances(member_id=shop.member_id, by=by).available_minor if sees else None,
        "next_due_at": money.next_due(member_id=shop.member_id, by=by) if sees else None,
    }


def _own_shop(request: ApiRequest, code: str) -> Shop:
    """An open shop that the caller keeps; anybody else's has no such doors."""
    shop = queries.own_shops(request.auth).select_related("cluster").filter(code=code).first()
    if shop is None:
        raise NotFound("shops.no_shop")
    return shop


def _set(one: Material) -> dict[str, object]:
    return {
        "code": one.code,
        "text": one.text,
        "made_at": one.made_at,
        "pictures": [
            {"url": file_url(picture.file.name or ""), "width": picture.width, "height": picture.height}
            for picture in one.pictures.all()
        ],
    }
