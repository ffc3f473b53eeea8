"""From the cart to a placed purchase. Nothing here needs JavaScript; the key of a purchase is made with its form."""

import secrets
from collections.abc import Sequence

from django.contrib import messages as flash
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from yunju.fulfilment import registry
from yunju.fulfilment.contract import Ask
from yunju.kernel.errors import InvalidMany, YunjuError
from yunju.members import papers
from yunju.members.actions import addresses as address_book
from yunju.members.actions.papers import accept
from yunju.members.models import Address
from yunju.orders.actions import carts
from yunju.orders.actions.expire import cancel_purchase
from yunju.orders.actions.gathering import place_with_others
from yunju.orders.addresses import Parsed, parse
from yunju.orders.draft import ContactDraft, Placed, PlaceRequest, PricedPurchase
from yunju.orders.models import Contact, Order
from yunju.orders.queries.carts import CartRow, preview, rows_of, wanted
from yunju.ui import messages
from yunju.web import provinces
from yunju.web.checkout_form import ADDRESS, CONTACT, CheckoutForm, filled
from yunju.web.home import keep_province, kept_province
from yunju.web.request import Request, go

AGREED_AT_CHECKOUT = ("terms", "privacy")


@require_http_methods(["GET", "POST"])
def checkout(request: Request) -> HttpResponse:
    """The address, the freight, the total; then the purchase is placed, once, whatever is pressed how often."""
    rows = rows_of(request.actor)
    if request.method == "GET" and (
        not rows or not all(row.can_be_bought and not row.is_changed for row in rows)
    ):
        return go(request, "cart")
    initial = _initial(request) | {"key": secrets.token_urlsafe(24)}
    form = CheckoutForm(
        request.POST or None,
        asks=_asks(rows),
        home=request.cluster.country,
        musts=_musts(request, rows),
        initial=initial,
    )
    form.currency = request.cluster.currency
    if request.method == "GET":
        draft = ContactDraft(**{name: str(initial.get(name) or "") for name in CONTACT})
        return _page(request, form, rows, _priced(request, rows, draft))
    if request.POST.get("step") == "fill" or request.POST.get("choice"):
        return _fill(request, form, rows)
    valid = form.is_valid()
    if form.cleaned_data.get("step") == "look":
        _forgive_missing(form)
        return _page(request, form, rows, _priced(request, rows, form.contact()))
    if not valid:
        return _page(request, form, rows, _priced(request, rows, form.contact()))
    return _place(request, form, rows)


def _asks(rows: Sequence[CartRow]) -> list[Ask]:
    """What all modes of the cart ask together, each thing once."""
    asked: dict[str, Ask] = {}
    for code in sorted({row.sold.mode for row in rows if row.sold}):
        for ask in registry.mode(code).asks():
            asked.setdefault(ask.key, ask)
    return list(asked.values())


def _musts(request: Request, rows: Sequence[CartRow]) -> dict[str, str]:
    """What must be ticked: goods without return (only where there are some), agreements that hold and are new to the person."""
    musts = {}
    titles = [row.sold.title for row in rows if row.sold and not row.sold.returnable]
    if titles:
        musts["no_return"] = _(
            "I know that these cannot be sent back within 7 days without a reason: %(titles)s"
        ) % {"titles": _(", ").join(titles)}
    new = papers.to_accept(request.actor, AGREED_AT_CHECKOUT)
    if new:
        named = [f"{messages.word('agreement', one.kind)} v{one.version}" for one in new]
        musts["agreed"] = _("I agree to: %(names)s") % {"names": _(", ").join(named)}
    return musts


def _fill(request: Request, form: CheckoutForm, rows: Sequence[CartRow]) -> HttpResponse:
    """What was pasted goes into its fields, for the eye to check; between places of the same name one is chosen."""
    parsed = parse(form.data.get("paste", ""))
    found = filled(parsed, request.cluster.country)
    chosen = form.data.get("choice", "").split(",")
    if len(chosen) == 3:
        found |= {"province": provinces.key(chosen[0]), "city": chosen[1][:40], "district": chosen[2][:40]}
        parsed = Parsed(parsed.name, parsed.phone, chosen[0], chosen[1], chosen[2], parsed.street)
    form.fill(found | {"step": "fill", "choice": ""})
    form.is_valid()
    _forgive_missing(form)
    return _page(request, form, rows, _priced(request, rows, form.contact()), parsed)


def _forgive_missing(form: CheckoutForm) -> None:
    """Whoever only wants to see the freight is not told off for fields still empty."""
    for name in list(form.errors):
        if not form.data.get(name, "").strip():
            del form.errors[name]


def _place(request: Request, form: CheckoutForm, rows: Sequence[CartRow]) -> HttpResponse:
    priced = _priced(request, rows, form.contact()) if rows else None
    if isinstance(priced, YunjuError):
        form.refuse(priced)
        return _page(request, form, rows, priced)
    if priced is not None and priced.total_minor != form.cleaned_data["shown_total"]:
        form.add_error(None, _("This is the total with freight. Look at it once more, then place the order."))
        return _page(request, form, rows, priced)
    placed: list[Placed] = []
    asked = PlaceRequest(
        by=request.actor,
        key=form.cleaned_data["key"],
        lines=wanted([row.line for row in rows]),
        contact=form.contact(),
    )
    if not form.carried_out(lambda: placed.append(place_with_others(asked))):
        return _page(request, form, rows, priced)
    carts.empty(variant_ids=[row.line.variant_id for row in rows], by=request.actor)
    with transaction.atomic():
        accept(kinds=AGREED_AT_CHECKOUT, at_step="checkout", by=request.actor)
    if form.cleaned_data.get("keep_address") and request.actor.user_id is not None:
        _keep_address(request, request.actor.user_id, form.contact())
    response = go(request, "cashier", placed[0].code)
    keep_province(response, form.cleaned_data.get("province", ""))
    return response


def _keep_address(request: Request, user_id: int, contact: ContactDraft) -> None:
    """Into the address book, once. The order is placed: an address that the book refuses is told, nothing more."""
    texts = {name: getattr(contact, name) for name in ADDRESS}
    known = Address.objects.filter(user_id=user_id, street=contact.street, city=contact.city)
    if known.exists():
        return
    try:
        address_book.add_address(draft=address_book.AddressDraft(**texts), by=request.actor)
    except YunjuError as error:
        said = " ".join(messages.of(one, currency=request.cluster.currency) for one in _faults(error))
        flash.warning(request, _("The address was not kept in the address book: %(why)s") % {"why": said})


def _priced(
    request: Request, rows: Sequence[CartRow], contact: ContactDraft
) -> PricedPurchase | YunjuError | None:
    if not rows or not contact.province:
        return None
    return preview(request.actor, wanted([row.line for row in rows]), contact)


def _page(
    request: Request,
    form: CheckoutForm,
    rows: Sequence[CartRow],
    priced: PricedPurchase | YunjuError | None,
    parsed: Parsed | None = None,
) -> HttpResponse:
    fault = ""
    if isinstance(priced, YunjuError) and not form.non_field_errors():
        fault = " ".join(messages.of(one, currency=request.cluster.currency) for one in _faults(priced))
    total = priced.total_minor if isinstance(priced, PricedPurchase) else None
    if form.is_bound:
        form.fill({"shown_total": "" if total is None else str(total), "step": "", "choice": ""})
    else:
        form.initial["shown_total"] = total
    told = {
        "here": "cart",
        "form": form,
        "rows": rows,
        "priced": priced if isinstance(priced, PricedPurchase) else None,
        "fault": fault,
        "goods_minor": sum(row.amount_minor for row in rows),
        "minutes": request.cluster.unpaid_minutes,
        "suppliers": list(dict.fromkeys(row.sold.supplier_name for row in rows if row.sold)),
        "parsed": parsed,
        "book": _book(request),
        "is_abroad": bool(form["country"].value()),
        "is_written": "street" in form.fields and bool(form["street"].value()),
    }
    return render(request, "web/checkout/checkout.html", told, status=422 if form.errors else 200)


def _faults(error: YunjuError) -> Sequence[YunjuError]:
    return error.faults if isinstance(error, InvalidMany) else [error]


def _book(request: Request) -> list[Address]:
    """The address book of those signed in."""
    if request.actor.user_id is None:
        return []
    return list(Address.objects.filter(user_id=request.actor.user_id).order_by("-id")[:10])


def _initial(request: Request) -> dict[str, object]:
    """An address of the book that was chosen, else that of the last order of this account or browser, else the province."""
    asked = request.GET.get("address", "")
    book = _book(request)
    chosen = next((one for one in book if str(one.pk) == asked), None)
    known: Contact | Address | None = chosen or _last_contact(request) or (book[0] if book else None)
    if known is None:
        return {"province": kept_province(request)}
    texts: dict[str, object] = {name: getattr(known, name) for name in ADDRESS}
    country = getattr(known, "country", request.cluster.country)
    if country != request.cluster.country:
        return texts | {"country": country, "region": known.province, "province": ""}
    return texts | {"province": provinces.key(known.province)}


def _last_contact(request: Request) -> Contact | None:
    """Of an account its own, of a browser without account what this browser ordered: never the one's to the other."""
    own = Order.objects.filter(cluster_id=request.cluster.pk)
    if request.actor.user_id is not None:
        own = own.filter(purchase__user_id=request.actor.user_id)
    elif request.actor.holder:
        own = own.filter(purchase__holder=request.actor.holder, purchase__user_id=None)
    else:
        return None
    newest = list(own.order_by("-id").values_list("id", flat=True)[:5])
    contacts = Contact.objects.filter(cluster_id=request.cluster.pk, erased_at=None, order_id__in=newest)
    return contacts.order_by("-id").first()


@require_POST
def cancel(request: Request, code: str) -> HttpResponse:
    """An unpaid purchase is given up."""
    cancel_purchase(code=code, by=request.actor)
    flash.success(request, _("The order is cancelled; nothing was taken from you."))
    return go(request, "orders")
