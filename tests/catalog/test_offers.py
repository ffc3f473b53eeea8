import pytest
from django.db import connection
from django.db.utils import ProgrammingError

from tests.factories.catalog import make_fees, make_offer, make_variant, only_variant
from tests.factories.members import acts_for, buyer, make_cluster, make_member, operator
from yunju.catalog import queries
from yunju.catalog.actions import categories, offers, places, rules
from yunju.catalog.actions.freight import set_freight
from yunju.catalog.actions.offers import NewOffer, OfferFields, VariantFields
from yunju.catalog.freight import FreightTerms
from yunju.catalog.models import CommissionRule, FeeRule, FreightRule, Offer, OfferEvent, Stock, Variant
from yunju.catalog.selling import selling
from yunju.catalog.terms import Fees, RoleTerms, Terms
from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Forbidden, Invalid, NotFound, Refused, SignInNeeded
from yunju.members.words import CapacityKind, RoleKind

TEA = NewOffer(
    OfferFields(
        "  陶瓷\n茶杯 ",
        body_html='<p onclick="x()">手作<script>alert(1)</script></p>',
        option_names=("颜色",),
        tags=("茶", "茶"),
    ),
    variants=(VariantFields(9_900, ("白",), weight_g=300), VariantFields(10_900, ("青",))),
    rule=rules.RuleTerms(shop=Terms(1_500)),
    counts=(5, 0),
    listed=True,
)


@pytest.fixture
def supplier(db_app):
    return make_member(make_cluster(), capacities=[CapacityKind.SUPPLIER])


def events_of(offer) -> list[str]:
    return list(OfferEvent.objects.filter(offer_id=offer.pk).order_by("pk").values_list("what", flat=True))


def test_an_offer_begins_whole(supplier):
    by = acts_for(supplier, RoleKind.STAFF)
    offer = offers.make_offer(supplier_id=supplier.pk, new=TEA, by=by)
    assert (offer.title, offer.body_html, offer.tags, offer.on_shelf) == (
        "陶瓷 茶杯",
        "<p>手作</p>",
        ["茶"],
        True,
    )
    white, blue = offer.variants.order_by("position")
    assert (white.title, white.price_minor, blue.title, blue.price_minor) == ("白", 9_900, "青", 10_900)
    assert list(
        Stock.objects.filter(variant__offer=offer).order_by("pk").values_list("variant_id", "remaining")
    ) == [
        (white.pk, 5),
        (blue.pk, 0),
    ]
    assert events_of(offer) == ["offer.made"]
    sold = selling(offer.cluster_id, [white.pk, 10**15])
    assert list(sold) == [white.pk]
    assert (sold[white.pk].shop, sold[white.pk].rule_version, sold[white.pk].on_shelf) == (
        Terms(1_500),
        1,
        True,
    )
    assert (sold[white.pk].merchant, sold[white.pk].weight_g) == (supplier.gateway_merchant, 300)


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"fields": OfferFields(" ")}, "offer.title", "title"),
        ({"fields": OfferFields("x" * 201)}, "offer.too_long", "title"),
        ({"fields": OfferFields("x", option_names=("a", "a"))}, "offer.option_names", "option_names"),
        ({"fields": OfferFields("x", mode="teleport")}, "mode.unknown", "mode"),
        (
            {"fields": OfferFields("x", option_names=("颜色",), category="none")},
            "category.unknown",
            "category",
        ),
        ({"fields": OfferFields("x", after_sale_days=91)}, "offer.after_sale_days", "after_sale_days"),
        ({"variants": ()}, "offer.variants", "variants"),
        ({"variants": (VariantFields(1, ("白",)), VariantFields(2, ("白",)))}, "variant.twice", "variants"),
        ({"variants": (VariantFields(1, ()), VariantFields(2, ("白",)))}, "variant.options", "options"),
        ({"variants": (VariantFields(0, ("白",)), VariantFields(2, ("青",)))}, "price.range", "price"),
        (
            {"variants": (VariantFields(5, ("白",), compare_at_minor=5), VariantFields(2, ("青",)))},
            "price.compare_at",
            "compare_at",
        ),
        (
            {"variants": (VariantFields(5, ("白",), weight_g=-1), VariantFields(2, ("青",)))},
            "variant.measure",
            "weight_g",
        ),
        ({"counts": (-1, 0)}, "stock.quantity", "counts"),
        ({"counts": (1,)}, "stock.quantity", "counts"),
        ({"rule": rules.RuleTerms(Terms(9_001))}, "rule.bp_range", "shop_bp"),
        ({"rule": rules.RuleTerms(Terms(0, 10_000))}, "rule.supplier_negative", "shop_floor_minor"),
    ],
)
def test_bad_input_is_refused_at_its_field_and_makes_nothing(supplier, changed, code, field):
    values = {name: getattr(TEA, name) for name in TEA.__slots__} | changed
    with pytest.raises(Invalid) as caught:
        offers.make_offer(supplier_id=supplier.pk, new=NewOffer(**values), by=acts_for(supplier))
    assert (caught.value.code, caught.value.field) == (code, field)
    assert not Offer.objects.filter(supplier=supplier).exists()
    assert not OfferEvent.objects.filter(cluster_id=supplier.cluster_id).exists()


def actors(supplier):
    other = make_member(supplier.cluster, capacities=[CapacityKind.SUPPLIER])
    return {
        "nobody": (Actor(cluster_id=supplier.cluster_id), (SignInNeeded, NotFound)),
        "buyer": (buyer(supplier.cluster), (NotFound,)),
        "other supplier": (acts_for(other), (NotFound,)),
        "other cluster": (
            acts_for(make_member(make_cluster(), capacities=[CapacityKind.SUPPLIER])),
            (NotFound,),
        ),
        "cashier": (acts_for(supplier, RoleKind.CASHIER), (Forbidden,)),
        "auditor": (acts_for(supplier, RoleKind.AUDITOR), (Forbidden,)),
        "operator": (operator(supplier.cluster), (Forbidden,)),
    }


def test_who_may_not_changes_nothing(supplier):
    offer = make_offer(supplier)
    variant = only_variant(offer)
    before = Offer.objects.values().get(pk=offer.pk), Variant.objects.values().get(pk=variant.pk)
    fields = OfferFields("new")
    attempts = [
        lambda by: offers.make_offer(
            supplier_id=supplier.pk, new=NewOffer(fields, (VariantFields(1),)), by=by
        ),
        lambda by: offers.edit_offer(offer_id=offer.pk, fields=fields, by=by),
        lambda by: offers.add_variant(offer_id=offer.pk, fields=VariantFields(1), by=by),
        lambda by: offers.set_price(variant_id=variant.pk, price_minor=1, by=by),
        lambda by: offers.close_variant(variant_id=variant.pk, by=by),
        lambda by: offers.list_offer(offer_id=offer.pk, by=by),
        lambda by: offers.close_offer(offer_id=offer.pk, by=by),
        lambda by: rules.set_rule(offer_id=offer.pk, terms=rules.RuleTerms(Terms(1)), by=by),
        lambda by: set_freight(supplier_id=supplier.pk, terms=FreightTerms("flat", 1), by=by),
        lambda by: places.make_place(supplier_id=supplier.pk, fields=places.PlaceFields("x"), by=by),
    ]
    for name, (by, errors) in actors(supplier).items():
        for attempt in attempts:
            with pytest.raises(errors):
                attempt(by)
            assert (
                Offer.objects.values().get(pk=offer.pk),
                Variant.objects.values().get(pk=variant.pk),
            ) == before, name
    assert Offer.objects.filter(supplier=supplier).count() == 1
    assert not OfferEvent.objects.filter(cluster_id=supplier.cluster_id).exists()
    assert not FreightRule.objects.filter(supplier=supplier).exists()


def test_withdrawn_is_gone_for_everybody_and_may_come_back(supplier):
    by, offer = acts_for(supplier), make_offer(supplier)
    variant = only_variant(offer)
    for who in (by, operator(supplier.cluster)):
        offers.list_offer(offer_id=offer.pk, by=by)
        offers.withdraw_offer(offer_id=offer.pk, by=who)
        assert not selling(offer.cluster_id, [variant.pk])[variant.pk].on_shelf
        assert not queries.on_shelf(offer.cluster_id).filter(pk=offer.pk).exists()
    with pytest.raises(NotFound):
        offers.withdraw_offer(offer_id=offer.pk, by=buyer(supplier.cluster))
    offers.list_offer(offer_id=offer.pk, by=by)
    assert selling(offer.cluster_id, [variant.pk])[variant.pk].on_shelf
    assert events_of(offer) == ["offer.withdrawn", "offer.listed", "offer.withdrawn", "offer.listed"]


def test_closed_is_for_good(supplier):
    by, offer = acts_for(supplier), make_offer(supplier)
    offers.close_offer(offer_id=offer.pk, by=by)
    with pytest.raises(Refused, match=r"offer\.closed"):
        offers.list_offer(offer_id=offer.pk, by=by)


def test_editing_keeps_the_option_names_and_says_what_changed(supplier):
    by = acts_for(supplier)
    offer = offers.make_offer(supplier_id=supplier.pk, new=TEA, by=by)
    with pytest.raises(Refused, match=r"offer\.options_fixed"):
        offers.edit_offer(offer_id=offer.pk, fields=OfferFields("x"), by=by)
    fields = OfferFields("茶碗", body_html="<p>手作</p>", option_names=("颜色",), tags=("茶",))
    offers.edit_offer(offer_id=offer.pk, fields=fields, by=by)
    offers.edit_offer(offer_id=offer.pk, fields=fields, by=by)
    assert events_of(offer) == ["offer.made", "offer.changed"]
    assert OfferEvent.objects.get(offer_id=offer.pk, what="offer.changed").params == {"fields": ["title"]}
    assert queries.shelf(by, words="茶碗").total == 1


def test_a_price_is_the_suppliers_alone_and_leaves_its_trace(supplier):
    by, offer = acts_for(supplier), make_offer(supplier, price_minor=1_000)
    variant = only_variant(offer)
    offers.set_price(variant_id=variant.pk, price_minor=1_200, compare_at_minor=1_500, by=by)
    offers.set_price(variant_id=variant.pk, price_minor=1_200, compare_at_minor=1_500, by=by)
    event = OfferEvent.objects.get(offer_id=offer.pk)
    assert event.params == {"variant": variant.pk, "from_minor": 1_000, "to_minor": 1_200}
    assert selling(offer.cluster_id, [variant.pk])[variant.pk].price_minor == 1_200


def test_the_last_variant_of_an_offer_on_the_shelf_stays(supplier):
    by, offer = acts_for(supplier), make_offer(supplier)
    first, second = only_variant(offer), make_variant(offer)
    offers.close_variant(variant_id=first.pk, by=by)
    with pytest.raises(Refused, match=r"offer\.last_variant"):
        offers.close_variant(variant_id=second.pk, by=by)
    assert not selling(offer.cluster_id, [first.pk])[first.pk].on_shelf


def test_two_variants_never_have_the_same_options(supplier):
    by = acts_for(supplier)
    offer = offers.make_offer(supplier_id=supplier.pk, new=TEA, by=by)
    with pytest.raises(Invalid, match=r"variant\.twice"):
        offers.add_variant(offer_id=offer.pk, fields=VariantFields(1, ("白",)), by=by)
    assert offers.add_variant(offer_id=offer.pk, fields=VariantFields(1, ("黑",)), by=by).position == 2


# --- commission and fees ---------------------------------------------------------------------------------------------


def test_rules_are_versions_and_the_newest_holds(supplier):
    by, offer, designer = acts_for(supplier), make_offer(supplier), make_member(supplier.cluster)
    terms = rules.RuleTerms(Terms(1_700, 10, 900), (RoleTerms("designer", designer.pk, 800),))
    assert rules.set_rule(offer_id=offer.pk, terms=terms, by=by) == rules.RuleSet(2)
    assert rules.set_rule(offer_id=offer.pk, terms=terms, by=by) == rules.RuleSet(2)
    variant = only_variant(offer)
    sold = selling(offer.cluster_id, [variant.pk])[variant.pk]
    assert (sold.rule_version, sold.shop, sold.roles) == (2, terms.shop, terms.roles)
    assert CommissionRule.objects.filter(offer=offer).count() == 2
    more = rules.RuleTerms(Terms(3_001))
    assert rules.set_rule(offer_id=offer.pk, terms=more, by=by) == rules.RuleSet(
        3, ("rule.above_gateway_cap",)
    )


@pytest.mark.parametrize(
    ("shop", "roles", "code"),
    [
        (Terms(6_000), (("maker", 4_000),), "rule.over_whole"),
        (Terms(100, 600), (), "rule.supplier_negative"),
        (Terms(100, 9, 8), (), "rule.floor_cap"),
        (Terms(-1), (), "rule.bp_range"),
        (Terms(0), (("maker", 0),), "rule.role_bp"),
        (Terms(0), (("maker", 9_001),), "rule.bp_range"),
        (Terms(0), (("parent", 5),), "rule.role_unknown"),
        (Terms(0), (("maker", 5), ("maker", 6)), "rule.role_twice"),
    ],
)
def test_a_rule_that_could_cost_the_supplier_money_is_refused(supplier, shop, roles, code):
    make_fees(supplier.cluster, platform_bp=400, park_bp=0, platform_floor_minor=450)
    offer, maker = make_offer(supplier, price_minor=1_000), make_member(supplier.cluster)
    terms = rules.RuleTerms(shop, tuple(RoleTerms(role, maker.pk, bp) for role, bp in roles))
    with pytest.raises(Invalid) as caught:
        rules.set_rule(offer_id=offer.pk, terms=terms, by=acts_for(supplier))
    assert caught.value.code == code
    assert CommissionRule.objects.filter(offer=offer).count() == 1


def test_a_service_role_is_a_member_of_the_same_cluster(supplier):
    offer, foreign = make_offer(supplier), make_member(make_cluster())
    with pytest.raises(Invalid, match=r"rule\.member_unknown"):
        rules.set_rule(
            offer_id=offer.pk,
            terms=rules.RuleTerms(roles=(RoleTerms("maker", foreign.pk, 5),)),
            by=acts_for(supplier),
        )


def test_a_price_below_the_floors_is_refused(supplier):
    by, offer = acts_for(supplier), make_offer(supplier, price_minor=1_000)
    rules.set_rule(offer_id=offer.pk, terms=rules.RuleTerms(Terms(100, 300)), by=by)
    with pytest.raises(Invalid, match=r"rule\.supplier_negative"):
        offers.set_price(variant_id=only_variant(offer).pk, price_minor=299, by=by)
    with pytest.raises(Invalid, match=r"rule\.supplier_negative"):
        offers.add_variant(offer_id=offer.pk, fields=VariantFields(299), by=by)
    assert only_variant(offer).price_minor == 1_000


def test_fees_are_the_operators_and_no_offer_may_break_under_them(supplier):
    cluster, offer = supplier.cluster, make_offer(supplier, price_minor=1_000, shop_bp=6_000)
    moment, by = clock.now(), operator(supplier.cluster)
    for who in (acts_for(supplier), buyer(cluster), operator(cluster, RoleKind.MANAGER)):
        with pytest.raises(Forbidden):
            rules.set_fees(platform=Terms(100), park=Terms(), effective_at=moment, by=who)
    with pytest.raises(Refused) as caught:
        rules.set_fees(platform=Terms(4_001), park=Terms(), effective_at=moment, by=by)
    assert caught.value == Refused("fees.offers_break", count=1, title=offer.title)
    with pytest.raises(Invalid, match=r"rule\.bp_range"):
        rules.set_fees(platform=Terms(5_001), park=Terms(), effective_at=moment, by=by)
    assert not FeeRule.objects.filter(cluster=cluster).exists()
    assert queries.fees(cluster.pk, moment) == Fees()
    assert rules.set_fees(platform=Terms(200), park=Terms(300, 0, 50), effective_at=moment, by=by) == 1
    assert queries.fees(cluster.pk, clock.now()) == Fees(1, Terms(200), Terms(300, 0, 50))


def test_announced_fees_hold_from_their_day_and_bind_rules_before(supplier):
    by, offer, moment = operator(supplier.cluster), make_offer(supplier), clock.now()
    later = clock.now().replace(year=moment.year + 1)
    rules.set_fees(platform=Terms(5_000), park=Terms(), effective_at=later, by=by)
    assert queries.fees(supplier.cluster_id, clock.now()) == Fees()
    assert queries.fees(supplier.cluster_id, later).version == 1
    with pytest.raises(Invalid, match=r"rule\.over_whole"):
        rules.set_rule(offer_id=offer.pk, terms=rules.RuleTerms(Terms(5_001)), by=acts_for(supplier))


# --- freight, places, categories -------------------------------------------------------------------------------------


def test_freight_is_kept_under_the_short_names_of_provinces(supplier):
    terms = FreightTerms("flat", 800, surcharges={"新疆维吾尔自治区": 900}, not_served=frozenset({"Tibet"}))
    kept = set_freight(supplier_id=supplier.pk, terms=terms, by=acts_for(supplier))
    assert (kept.surcharges, kept.not_served) == ({"新疆": 900}, frozenset({"西藏"}))
    assert queries.freight_rules([supplier.pk, 10**15]) == {supplier.pk: kept}


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        (FreightTerms("drone"), "freight.kind"),
        (FreightTerms("flat", -1), "freight.range"),
        (FreightTerms("weight", next_g=0), "freight.range"),
        (FreightTerms("flat", 1, surcharges={"Atlantis": 1}), "freight.province_unknown"),
    ],
)
def test_a_freight_rule_that_cannot_be_meant_is_refused(supplier, terms, code):
    with pytest.raises(Invalid) as caught:
        set_freight(supplier_id=supplier.pk, terms=terms, by=acts_for(supplier))
    assert caught.value.code == code
    assert queries.freight_rules([supplier.pk]) == {}


def test_a_place_with_goods_stays_open(supplier):
    by = acts_for(supplier)
    fields = places.PlaceFields("东仓", province="浙江省", city="杭州")
    place = places.make_place(supplier_id=supplier.pk, fields=fields, by=by)
    assert place.province == "浙江"
    with pytest.raises(Invalid, match=r"place\.name_taken"):
        places.make_place(supplier_id=supplier.pk, fields=fields, by=by)
    offer = make_offer(supplier, stock=1)
    with pytest.raises(Refused, match=r"place\.not_empty"):
        places.close_place(place_id=only_variant(offer).stock.get().place_id, by=by)
    Stock.objects.filter(variant__offer=offer).update(remaining=0, received=0)
    places.close_place(place_id=only_variant(offer).stock.get().place_id, by=by)


def test_categories_are_the_operators(supplier):
    fields = categories.CategoryFields("tea-ware", "茶具", "Tea ware")
    with pytest.raises(Forbidden):
        categories.make_category(fields=fields, by=acts_for(supplier))
    by = operator(supplier.cluster)
    made = categories.make_category(fields=fields, by=by)
    with pytest.raises(Invalid, match=r"category\.code_taken"):
        categories.make_category(fields=fields, by=by)
    renamed = categories.CategoryFields("tea-ware", "茶器", "Tea")
    assert categories.edit_category(category_id=made.pk, fields=renamed, by=by).name_zh == "茶器"
    with pytest.raises(NotFound):
        categories.edit_category(category_id=made.pk, fields=renamed, by=operator(make_cluster()))


def test_events_are_never_changed_by_the_application(supplier):
    offers.make_offer(supplier_id=supplier.pk, new=TEA, by=acts_for(supplier))
    for statement in (
        "UPDATE catalog_offerevent SET what = 'x'",
        "DELETE FROM catalog_offerevent",
        "TRUNCATE catalog_offerevent",
    ):
        with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
            cursor.execute(statement)
