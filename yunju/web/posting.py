"""素材 on the shopkeeper's side: what suppliers wrote to be shared, her link in it, and what she has posted."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages as flash
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yunju.catalog.materials import materials_visible_to
from yunju.catalog.models import Material
from yunju.catalog.queries import on_shelf
from yunju.shops import actions
from yunju.shops.models import Listing, MaterialPost, Shop
from yunju.web.cards import cards, earning
from yunju.web.keeping import own_shop, share_address
from yunju.web.request import Request, go, missing
from yunju.web.sharing import lists_offer

PAGE = 20


@dataclass(frozen=True, slots=True)
class Entry:
    """One set of material as the list shows it. `posted_at` None: not yet."""

    material: Material
    earns_minor: int
    posted_at: datetime | None


@require_GET
def materials(request: Request, code: str) -> HttpResponse:
    """All sets of what the shop has picked, or with `?all=1` of the whole shelf; what is not posted yet first."""
    shop = own_shop(request, code)
    shown = Paginator(to_post(request, shop), PAGE).get_page(request.GET.get("page"))
    told = {
        "here": "work",
        "tab": "material",
        "shop": shop,
        "page": shown,
        "entries": entries(shop, list(shown.object_list)),
        "everything": _everything(request),
    }
    return render(request, "web/shop/materials.html", told)


def _everything(request: Request) -> bool:
    return request.GET.get("all") == "1"


def to_post(request: Request, shop: Shop) -> QuerySet[Material]:
    """The sets that the address asks for, those not posted yet first."""
    posts = MaterialPost.objects.filter(shop=shop, material=OuterRef("pk"))
    found = materials_visible_to(request.actor).filter(offer__in=on_shelf(shop.cluster_id))
    if not _everything(request):
        live = Listing.objects.filter(shop=shop, ended_at=None)
        found = found.filter(offer__in=live.values("offer"))
    return found.annotate(is_posted=Exists(posts)).order_by("is_posted", "-pk")


def entries(shop: Shop, found: list[Material]) -> list[Entry]:
    """The sets as the list shows them."""
    posts = MaterialPost.objects.filter(shop=shop, material__in=found)
    posted = dict(posts.values_list("material_id", "at"))
    offers = {one.offer.pk: one.offer for one in found}
    earns = {card.offer.pk: earning(card.terms, card.price_minor) for card in cards(list(offers.values()))}
    return [Entry(one, earns[one.offer_id], posted.get(one.pk)) for one in found]


@require_GET
def material(request: Request, code: str, material_code: str) -> HttpResponse:
    """发朋友圈: the text with her link to copy, the pictures large to keep, and the button that says it was posted."""
    shop = own_shop(request, code)
    found = _material(request, material_code)
    link = share_address(request, shop, f"/offers/{found.offer.code}")
    told = {
        "here": "work",
        "tab": "material",
        "shop": shop,
        "material": found,
        "entry": entries(shop, [found])[0],
        "words": f"{found.text}\n{link}",
        "is_picked": lists_offer(shop, found.offer),
    }
    return render(request, "web/shop/material.html", told)


def _material(request: Request, code: str) -> Material:
    here = on_shelf(request.cluster.pk)
    found = materials_visible_to(request.actor).filter(offer__in=here, code=code).first()
    if found is None:
        missing()
    return found


@require_POST
def posted(request: Request, code: str, material_code: str) -> HttpResponse:
    """It is posted, or (`what=undo`) it was not after all. What is not in the shop yet is picked: else nothing is earned."""
    shop = own_shop(request, code)
    found = _material(request, material_code)
    if request.POST.get("what") == "undo":
        actions.unmark_posted(shop_id=shop.pk, material_id=found.pk, by=request.actor)
        return go(request, "post_material", shop.code, found.code)
    if not lists_offer(shop, found.offer):
        actions.pick(shop_id=shop.pk, offer_id=found.offer_id, by=request.actor)
    actions.mark_posted(shop_id=shop.pk, material_id=found.pk, by=request.actor)
    flash.success(request, _("Noted as posted. Views through your link appear under “Today”."))
    return go(request, "materials", shop.code)
