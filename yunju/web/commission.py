"""What an offer pays with each sale: the rule, what it comes to in cents before it is kept, and its versions."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages as flash
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from yunju.catalog import queries as catalog
from yunju.catalog.actions import rules
from yunju.catalog.actions.rules import RuleTerms
from yunju.catalog.models import CommissionRule, Offer
from yunju.kernel.errors import YunjuError
from yunju.members.models import Member
from yunju.members.words import Permission
from yunju.orders.queries import preview
from yunju.orders.shares import ShareDraft
from yunju.ui import formats, messages
from yunju.web.offers import in_currency
from yunju.web.request import Request, acting_for, go, missing
from yunju.web.rule_form import RuleForm
from yunju.web.rules import in_words

EXAMPLE_MINOR = 10_000


@dataclass(frozen=True, slots=True)
class Part:
    """What one payee gets of the example."""

    role: str
    name: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the rule in words."""

    number: int
    made_at: datetime
    shop: str
    roles: str


@require_http_methods(["GET", "POST"])
def rule(request: Request, code: str, offer_code: str) -> HttpResponse:
    """The form with its example; `?preview` reckons with what was typed and keeps nothing."""
    member = acting_for(request, code, Permission.RULE_EDIT)
    offer = Offer.objects.filter(supplier=member, code=offer_code, closed_at=None).first()
    if offer is None:
        missing()
    form = RuleForm(request.POST if request.method == "POST" else None, offer=offer)
    in_currency(form, request)
    looks = "preview" in request.GET
    if request.method == "POST" and form.is_valid() and not looks and _kept(request, offer, form):
        return go(request, "offer_edit", member.code, offer.code)
    terms = form.terms() if form.is_bound and form.is_valid() else _held(offer)
    price = (form.cleaned_data.get("example") if form.is_bound and form.is_valid() else None) or _price(offer)
    told = {
        "here": "work",
        "member": member,
        "offer": offer,
        "rule": form,
        "price": price,
        "examples": _examples(member, terms, price),
        "is_typed": form.is_bound,
        "warnings": rules.warnings(terms, member.cluster_id),
        "versions": _versions(offer, request.cluster.currency),
    }
    return render(request, "web/supplier/rule.html", told, status=422 if form.errors else 200)


def _kept(request: Request, offer: Offer, form: RuleForm) -> bool:
    made: list[rules.RuleSet] = []
    wanted = form.terms()
    if not form.carried_out(
        lambda: made.append(rules.set_rule(offer_id=offer.pk, terms=wanted, by=request.actor))
    ):
        return False
    for warning in made[0].warnings:
        flash.warning(request, messages.sentence(warning))
    flash.success(request, _("Saved."))
    return True


def _held(offer: Offer) -> RuleTerms:
    held = catalog.newest_rules([offer.pk]).get(offer.pk)
    return RuleTerms(catalog.shop_terms(held), catalog.role_terms(held))


def _price(offer: Offer) -> int:
    """The dearest open variant: where caps bind, they bind there."""
    return max(rules.open_prices(offer), default=EXAMPLE_MINOR)


def _examples(member: Member, terms: RuleTerms, price: int) -> list[tuple[str, list[Part], str]]:
    """Through a shop, and found without one; or why the rule cannot be."""
    found = []
    for label, with_shop in ((_("Sold by a shop"), True), (_("Bought without a shop"), False)):
        try:
            shares = preview.sale(supplier=member, terms=terms, price_minor=price, with_shop=with_shop)
            found.append((label, _parts(shares), ""))
        except YunjuError as refused:
            found.append((label, [], messages.of(refused)))
    return found


def _parts(shares: list[ShareDraft]) -> list[Part]:
    words = {"platform": _("Platform"), "shop": messages.word("capacity", "shopkeeper")}
    names = Member.objects.in_bulk({share.payee_id for share in shares})
    some = _("the shop")
    return [
        Part(
            words.get(share.role) or messages.word("capacity", share.role),
            names[share.payee_id].name if share.payee_id in names else some,
            share.amount_minor,
        )
        for share in shares
    ]


def _versions(offer: Offer, currency: str) -> list[Version]:
    held = CommissionRule.objects.filter(offer=offer).prefetch_related("service_roles__member")
    return [
        Version(
            number=one.version,
            made_at=one.made_at,
            shop=in_words(catalog.shop_terms(one), currency),
            roles=" · ".join(
                f"{messages.word('capacity', role.role)} {role.member.name} {formats.share(role.bp)}"
                for role in one.service_roles.all()
            ),
        )
        for one in held.order_by("-version")[:50]
    ]
