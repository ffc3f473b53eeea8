"""The face of the cluster: its front page. And what the pages of shelf and offer share: province, shop, labels."""

from collections.abc import Sequence

from django.db.models import Count, Max
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from yunju.catalog import finding
from yunju.catalog import queries as catalog
from yunju.catalog.models import Category, Offer
from yunju.members.models import Address, Member
from yunju.members.words import Permission
from yunju.shops import queries as shops
from yunju.shops.attribution import Attribution
from yunju.shops.models import Shop
from yunju.web import provinces
from yunju.web.cards import cards, first_pictures
from yunju.web.middleware import SHARE_COOKIE, set_cookie
from yunju.web.public import PROVINCE_COOKIE, public_page, remembered
from yunju.web.request import Request
from yunju.web.sales_now import first_sales

PAGE = finding.PAGE
BEST_LOOKED_AT = 40
PROVINCE_SECONDS = 180 * 24 * 3600
MINUTE, SALE_SECONDS = 60, 5
SALES = 4


@public_page
@require_GET
def front(request: Request) -> HttpResponse:
    """What is new, what sells, what there is, who makes it, who shows it."""
    cluster_id = request.cluster.pk
    newest = finding.find(cluster_id, finding.Wanted(sort="new")).offers[:8]
    best = _one_of_each(finding.best_sold(cluster_id, BEST_LOOKED_AT))[:8]
    drawn = cards([*newest, *best], with_terms=False)
    told = {
        "here": "home",
        "sales": remembered(("sales", cluster_id), SALE_SECONDS, lambda: first_sales(cluster_id, SALES)),
        "cards": drawn[: len(newest)],
        "best": drawn[len(newest) :],
        "categories": remembered(("shown", cluster_id), MINUTE, lambda: _shown_categories(cluster_id)),
        "studios": remembered(("studios", cluster_id), MINUTE, lambda: _studios(cluster_id)),
        "shops": list(shops.visible_to(request.actor).filter(closed_at=None).order_by("-opened_at")[:6]),
        "counts": remembered(("counts", cluster_id), MINUTE, lambda: _counts(cluster_id)),
    }
    return render(request, "web/home/front.html", told)


def _one_of_each(offers: Sequence[Offer]) -> list[Offer]:
    """The best of each studio first, so that one that sells a lot does not fill the front page; then the rest."""
    firsts: dict[int, Offer] = {}
    for one in offers:
        firsts.setdefault(one.supplier_id, one)
    return [*firsts.values(), *(one for one in offers if firsts[one.supplier_id] is not one)]


def _shown_categories(cluster_id: int) -> list[dict[str, object]]:
    """Labels with something under them: how many, and the picture of the newest."""
    under = catalog.on_shelf(cluster_id).exclude(category=None).order_by().values_list("category_id")
    counts = {row[0]: row[1:] for row in under.annotate(number=Count("pk"), newest=Max("pk"))}
    pictures = first_pictures([newest for _, newest in counts.values()])
    return [
        {
            "category": one,
            "number": counts[one.pk][0],
            "picture": pictures.get(counts[one.pk][1], ""),
            "seed": counts[one.pk][1],
        }
        for one in categories_of(cluster_id)
        if one.pk in counts
    ]


def _studios(cluster_id: int, count: int = 8) -> list[dict[str, object]]:
    """Who makes what is here: suppliers with a story first, then those with most on the shelf."""
    shelf = catalog.on_shelf(cluster_id).order_by()
    numbers = dict(shelf.values_list("supplier_id").annotate(number=Count("pk")))
    newest = dict(shelf.values_list("supplier_id").annotate(newest=Max("pk")))
    found = Member.objects.filter(pk__in=list(numbers))
    chosen = sorted(found, key=lambda one: (not one.story, -numbers[one.pk], one.pk))[:count]
    pictures = first_pictures([newest[one.pk] for one in chosen])
    return [
        {
            "member": one,
            "number": numbers[one.pk],
            "picture": pictures.get(newest[one.pk], ""),
            "seed": newest[one.pk],
        }
        for one in chosen
    ]


def _counts(cluster_id: int) -> dict[str, int]:
    shelf = catalog.on_shelf(cluster_id)
    open_shops = Shop.objects.filter(cluster_id=cluster_id, closed_at=None, member__closed_at=None)
    return {
        "offers": shelf.count(),
        "studios": shelf.order_by().values("supplier_id").distinct().count(),
        "shops": open_shops.count(),
    }


def categories_of(cluster_id: int) -> list[Category]:
    """The labels of the shelf in their order."""

    def read() -> list[Category]:
        return list(Category.objects.filter(cluster_id=cluster_id).order_by("position", "id"))

    return remembered(("categories", cluster_id), MINUTE, read)


def keeper_shop(request: Request) -> Shop | None:
    """The open shop the person keeps, the first when there are several."""
    mine = request.actor.members_with(Permission.SHOP_EDIT)
    if not mine:
        return None
    return (
        Shop.objects.filter(cluster_id=request.cluster.pk, member_id__in=mine, closed_at=None)
        .order_by("id")
        .first()
    )


def province_of(request: Request) -> str:
    """The province asked for, else the one chosen last in this browser, else that of the address book."""
    asked = request.GET.get("province", "")
    if asked in provinces.KEYS:
        return asked
    kept = kept_province(request)
    if kept or request.actor.user_id is None:
        return kept
    last = (
        Address.objects.filter(user_id=request.actor.user_id)
        .order_by("-id")
        .values_list("province", flat=True)
    )
    return provinces.key(last.first() or "")


def kept_province(request: Request) -> str:
    """The province this browser chose last."""
    try:
        kept = bytes.fromhex(request.COOKIES.get(PROVINCE_COOKIE, "")).decode()
    except ValueError:
        return ""
    return kept if kept in provinces.KEYS else ""


def keep_province(response: HttpResponse, province: str) -> None:
    """Remember it in the browser; a cookie's value is ASCII, hence the hex."""
    if province in provinces.KEYS:
        set_cookie(response, PROVINCE_COOKIE, province.encode().hex(), PROVINCE_SECONDS)


def bringing(request: Request) -> Attribution | None:
    """The newest link that led this buyer here: by the address, the cookie, or what is kept with the account."""
    address, cookie = request.GET.get("s", ""), request.COOKIES.get(SHARE_COOKIE, "")
    return shops.attribution_of(request.actor, address=address, cookie=cookie)
