"""Commission rules of offers and fees of the cluster: versioned, never edited, never able to cost the supplier money."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Min, Q

from yunju.catalog import policy
from yunju.catalog.actions import access, events
from yunju.catalog.models import ROLES, CommissionRule, FeeRule, Offer, Sale, ServiceRole, Variant
from yunju.catalog.queries import fee_terms, newest_rules, role_terms, shop_terms
from yunju.catalog.terms import (
    GATEWAY_WARN_BP,
    NOTHING,
    Fees,
    RoleTerms,
    Terms,
    leaves_supplier_whole,
    total_bp,
)
from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid, Refused
from yunju.kernel.money import MAX_MINOR
from yunju.members.models import Cluster, ClusterPapers, Member

SHOP_MOST_BP, FEE_MOST_BP, MOST_ROLES = 9_000, 5_000, 5
TOO_MUCH = "rule.supplier_negative"
RAISE_NOTICE = timedelta(days=7)
"""Between the announcement of a raise of the fees and its first day, once a market is live."""


@dataclass(frozen=True, slots=True)
class RuleTerms:
    """What an offer pays others than its supplier, the platform and the park."""

    shop: Terms = NOTHING
    roles: tuple[RoleTerms, ...] = ()

    def parts(self) -> list[Terms]:
        return [self.shop, *(role.terms for role in self.roles)]


NO_COMMISSION = RuleTerms()


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The version that holds now. `warnings` are codes: the rule stands, but somebody should know."""

    version: int
    warnings: tuple[str, ...] = ()


def set_rule(*, offer_id: int, terms: RuleTerms, by: Actor) -> RuleSet:
    """Make a new version of an offer's commission rule; orders placed before keep theirs. The same terms change nothing."""
    check_terms(terms, by.cluster_id)
    with transaction.atomic():
        offer = access.own_offer(offer_id, by)
        policy.may_edit_rules(by, offer.supplier_id)
        held = newest_rules([offer.pk]).get(offer.pk)
        if held is not None and (shop_terms(held), role_terms(held)) == (terms.shop, terms.roles):
            return RuleSet(held.version, warnings(terms, by.cluster_id))
        require_whole(open_prices(offer), terms, fees_now_and_later(by.cluster_id))
        version = write_rule(offer, terms, version=held.version + 1 if held else 1, by=by)
        events.note([events.Change(offer.pk, "rule.set", {"version": version, "shop_bp": terms.shop.bp})], by)
        return RuleSet(version, warnings(terms, by.cluster_id))


def usual_terms(supplier_id: int) -> RuleTerms:
    """What the supplier's newest offer pays its shops, for one more that nobody thought about: no service roles."""
    newest = Offer.objects.filter(supplier_id=supplier_id, closed_at=None).order_by("-pk")[:1]
    rules = newest_rules([offer.pk for offer in newest])
    return RuleTerms(shop=next((shop_terms(rule) for rule in rules.values()), NOTHING))


def require_may_set(supplier_id: int, terms: RuleTerms, by: Actor) -> None:
    """Whoever may not decide who earns makes offers with the usual commission, or with none."""
    if terms not in (NO_COMMISSION, usual_terms(supplier_id)):
        policy.may_edit_rules(by, supplier_id)


def write_rule(offer: Offer, terms: RuleTerms, *, version: int, by: Actor) -> int:
    """The rows of a checked rule, inside the caller's transaction."""
    rule = CommissionRule.objects.create(
        offer=offer,
        version=version,
        shop_bp=terms.shop.bp,
        shop_floor_minor=terms.shop.floor_minor,
        shop_cap_minor=terms.shop.cap_minor,
        made_at=clock.now(),
        made_by=by.user_id,
    )
    ServiceRole.objects.bulk_create(
        ServiceRole(
            rule=rule,
            role=role.role,
            member_id=role.member_id,
            bp=role.bp,
            floor_minor=role.floor_minor,
            cap_minor=role.cap_minor,
        )
        for role in terms.roles
    )
    return rule.version


def open_prices(offer: Offer) -> list[int]:
    """The prices at which something of the offer can be bought, in sales that run or are to come as well."""
    prices = Variant.objects.filter(offer=offer, closed_at=None).values_list("price_minor", flat=True)
    sales = Sale.objects.filter(
        cluster_id=offer.cluster_id,
        variant__offer=offer,
        variant__closed_at=None,
        ended_at=None,
        ends_at__gt=clock.now(),
    )
    return [*prices, *sales.values_list("price_minor", flat=True)]


def require_whole(prices: Sequence[int], terms: RuleTerms, fees: Sequence[Fees]) -> None:
    """Refuse what could leave the supplier less than nothing at the lowest price, now or under announced fees."""
    for held in fees:
        parts = [*terms.parts(), held.platform, held.park]
        if total_bp(parts) > 10_000:
            raise Invalid("rule.over_whole", field="shop_bp", percent=percent(total_bp(parts)))
        if prices and not leaves_supplier_whole(min(prices), parts):
            raise Invalid(TOO_MUCH, field="shop_floor_minor", price_minor=min(prices))


def require_price_whole(offer: Offer, price_minor: int) -> None:
    """Refuse a price so low that the floors of its rule and of the fees would take more than all of it."""
    rule = newest_rules([offer.pk]).get(offer.pk)
    for held in fees_now_and_later(offer.cluster_id):
        parts = [*RuleTerms(shop_terms(rule), role_terms(rule)).parts(), held.platform, held.park]
        if not leaves_supplier_whole(price_minor, parts):
            raise Invalid(TOO_MUCH, field="price", price_minor=price_minor)


def fees_now_and_later(cluster_id: int) -> list[Fees]:
    """The fees in effect and all announced ones; one empty Fees where nothing is set."""
    rules = list(FeeRule.objects.filter(cluster_id=cluster_id).order_by("-version"))
    moment = clock.now()
    later = [rule for rule in rules if rule.effective_at > moment]
    held = next((rule for rule in rules if rule.effective_at <= moment), None)
    return [fee_terms(held) if held else Fees(), *(fee_terms(rule) for rule in later)]


def over_the_cap(cluster_id: int) -> int:
    """How many offers on the shelf pay others more than a payment provider splits (30 %), with the fees that hold now."""
    held = fees_now_and_later(cluster_id)[0]
    offers = Offer.objects.filter(
        cluster_id=cluster_id, withdrawn_at=None, closed_at=None, listed_at__isnull=False
    )
    found = newest_rules(list(offers.values_list("pk", flat=True)))
    parts = [
        [*RuleTerms(shop_terms(one), role_terms(one)).parts(), held.platform, held.park]
        for one in found.values()
    ]
    return sum(total_bp(one) > GATEWAY_WARN_BP for one in parts)


def warnings(terms: RuleTerms, cluster_id: int) -> tuple[str, ...]:
    """Codes of what is allowed but wants a second look."""
    held = fees_now_and_later(cluster_id)[0]
    others = total_bp([*terms.parts(), held.platform, held.park])
    return ("rule.above_gateway_cap",) if others > GATEWAY_WARN_BP else ()


def percent(basis_points: int) -> str:
    """1234 as `12.34`."""
    whole, rest = divmod(basis_points, 100)
    return f"{whole}.{rest:02}".rstrip("0").rstrip(".")


def check_terms(terms: RuleTerms, cluster_id: int) -> None:
    """Ranges of every number, known roles, open members of the cluster, nobody twice in the same role.

    Raises Invalid; the fault of a role stands at `roles.N.role`, `roles.N.member` or `roles.N.bp`, counted from 0.
    """
    check_part(terms.shop, field="shop_bp", most_bp=SHOP_MOST_BP)
    if len(terms.roles) > MOST_ROLES:
        raise Invalid("rule.too_many_roles", field="roles", most=MOST_ROLES)
    here = Member.objects.filter(cluster_id=cluster_id, closed_at=None)
    known = set(here.filter(pk__in={role.member_id for role in terms.roles}).values_list("pk", flat=True))
    pairs: set[tuple[str, int]] = set()
    for number, role in enumerate(terms.roles):
        where = f"roles.{number}"
        check_part(role.terms, field=f"{where}.bp", most_bp=SHOP_MOST_BP)
        if role.role not in ROLES:
            raise Invalid("rule.role_unknown", field=f"{where}.role", name=role.role[:20])
        if role.bp < 1:
            raise Invalid("rule.role_bp", field=f"{where}.bp")
        if (role.role, role.member_id) in pairs:
            raise Invalid("rule.role_twice", field=f"{where}.member")
        if role.member_id not in known:
            raise Invalid("rule.member_unknown", field=f"{where}.member")
        pairs.add((role.role, role.member_id))


def check_part(part: Terms, *, field: str, most_bp: int) -> None:
    """One payee's numbers in range: basis points, floor, cap at or above the floor."""
    if not 0 <= part.bp <= most_bp:
        raise Invalid("rule.bp_range", field=field, most=percent(most_bp))
    cap = MAX_MINOR if part.cap_minor is None else part.cap_minor
    if not 0 <= part.floor_minor <= cap <= MAX_MINOR:
        raise Invalid("rule.floor_cap", field=field)


def set_fees(*, platform: Terms, park: Terms, effective_at: datetime, by: Actor) -> int:
    """A new version of what platform and park take, from an instant on. Refused where an offer could not bear it."""
    policy.may_set_cluster_rules(by)
    check_part(platform, field="platform_bp", most_bp=FEE_MOST_BP)
    check_part(park, field="park_bp", most_bp=FEE_MOST_BP)
    with transaction.atomic():
        Cluster.objects.select_for_update(no_key=True).get(pk=by.cluster_id)
        broken = offers_that_break(by.cluster_id, [platform, park])
        if broken:
            raise Refused("fees.offers_break", count=len(broken), title=broken[0])
        last = FeeRule.objects.filter(cluster_id=by.cluster_id).order_by("-version").first()
        _require_notice((platform, park), max(effective_at, clock.now()), by.cluster_id)
        rule = FeeRule.objects.create(
            cluster_id=by.cluster_id,
            version=last.version + 1 if last else 1,
            platform_bp=platform.bp,
            platform_floor_minor=platform.floor_minor,
            platform_cap_minor=platform.cap_minor,
            park_bp=park.bp,
            park_floor_minor=park.floor_minor,
            park_cap_minor=park.cap_minor,
            effective_at=max(effective_at, clock.now()),
            made_by=by.user_id,
        )
        params = {"version": rule.version, "platform_bp": platform.bp, "park_bp": park.bp}
        events.note([events.Change(0, "fees.set", params)], by)
        return rule.version


def _require_notice(parts: tuple[Terms, Terms], effective_at: datetime, cluster_id: int) -> None:
    """Once a market is live, nobody pays more than would be paid then without having been told a week before."""
    live = ClusterPapers.objects.filter(cluster_id=cluster_id, live_at__isnull=False).exists()
    if not live or effective_at >= clock.now() + RAISE_NOTICE:
        return
    then = FeeRule.objects.filter(cluster_id=cluster_id, effective_at__lte=effective_at)
    held = then.order_by("-version").first()
    before = fee_terms(held) if held else Fees()
    if any(_is_dearer(old, new) for old, new in zip((before.platform, before.park), parts, strict=True)):
        raise Refused("fees.notice", field="from_day", days=RAISE_NOTICE.days)


def _is_dearer(old: Terms, new: Terms) -> bool:
    """True when some price would cost more: a higher rate, floor or cap."""
    caps = [MAX_MINOR if one.cap_minor is None else one.cap_minor for one in (old, new)]
    return new.bp > old.bp or new.floor_minor > old.floor_minor or caps[1] > caps[0]


def offers_that_break(cluster_id: int, fees: Sequence[Terms]) -> list[str]:
    """Titles of open offers whose rule and lowest price cannot bear these fees."""
    offers = list(
        Offer.objects.filter(cluster_id=cluster_id, closed_at=None)
        .annotate(lowest=Min("variants__price_minor", filter=Q(variants__closed_at=None)))
        .filter(lowest__isnull=False)
        .values_list("pk", "title", "lowest")
    )
    rules = newest_rules([pk for pk, _, _ in offers])
    broken = []
    for pk, title, lowest in offers:
        rule = rules.get(pk)
        parts = [*RuleTerms(shop_terms(rule), role_terms(rule)).parts(), *fees]
        if not leaves_supplier_whole(lowest, parts):
            broken.append(title)
    return broken
