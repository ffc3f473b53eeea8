"""A supplier's pages: goods as a table and its undo, listing by photo, helpers, the rule reckoned first, what ships today."""

import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from tests.factories.catalog import make_offer, make_place, only_variant
from tests.factories.members import acts_for, make_member, make_user, operator
from tests.web.conftest import Browser
from tests.web.market import Market, make_market, place, put_in_cart
from yunju.catalog.actions import bulk, imports, offers, rules, stock
from yunju.catalog.actions.places import first_place
from yunju.catalog.actions.rules import RuleTerms
from yunju.catalog.models import BulkEdit, CommissionRule, Offer, OfferEvent, Place, Stock, Variant
from yunju.catalog.terms import RoleTerms, Terms
from yunju.kernel import clock
from yunju.kernel.errors import Forbidden, InvalidMany, NotFound, Refused
from yunju.members.actions import end_role, grant_role
from yunju.members.models import Role, RoleOffer, User
from yunju.members.queries import actor_for
from yunju.members.words import RoleKind


@pytest.fixture
def market(cluster) -> Market:
    return make_market(cluster)


def table(market: Market) -> str:
    return f"/m/{market.suppliers[0].code}/goods"


def goods(market: Market) -> tuple[Offer, Variant, Place]:
    offer = market.offers[0]
    return offer, only_variant(offer), Place.objects.get(supplier=market.suppliers[0])


def cells(offer: Offer, variant: Variant, place_: Place, **typed: str) -> dict[str, str]:
    """What a browser sends for one row of the table."""
    was = {
        f"title_{offer.code}": offer.title,
        f"price_{variant.code}": "10.00",
        f"count_{variant.code}": "10",
        f"category_{offer.code}": "",
        f"shelf_{offer.code}": "on",
    }
    sent = was | {f"was_{name}": value for name, value in was.items()} | {"place": str(place_.pk)}
    return sent | {
        f"{name}_{variant.code if name in bulk.OF_VARIANT else offer.code}": v for name, v in typed.items()
    }


def test_many_cells_are_kept_together_and_go_back(browser: Browser, market: Market):
    offer, variant, here = goods(market)
    before = offer.title
    client = browser(market.owner())
    answer = client.post(
        table(market), cells(offer, variant, here, price="12.50", count="7", title="  瓷  杯", shelf="off")
    )
    assert answer.status_code == 302
    offer.refresh_from_db()
    variant.refresh_from_db()
    held = Stock.objects.get(variant=variant)
    assert (variant.price_minor, offer.title, offer.on_shelf) == (1_250, "瓷 杯", False)
    assert (held.remaining, held.received) == (7, 7)
    edit = BulkEdit.objects.get(supplier=market.suppliers[0])
    told = OfferEvent.objects.get(offer_id=offer.pk, what="bulk.edited")
    assert told.params["edit"] == edit.code
    assert ["price", variant.pk, None, 1_000, 1_250] in told.params["changes"]
    assert client.post(f"{table(market)}/undo", {"edit": edit.code}).status_code == 302
    offer.refresh_from_db()
    variant.refresh_from_db()
    held.refresh_from_db()
    assert (variant.price_minor, offer.title, offer.on_shelf, held.remaining) == (1_000, before, True, 10)
    client.post(f"{table(market)}/undo", {"edit": edit.code})
    assert OfferEvent.objects.filter(offer_id=offer.pk, what="bulk.undone").count() == 1


def test_one_wrong_cell_keeps_all_of_them_out(browser: Browser, market: Market):
    offer, variant, here = goods(market)
    client = browser(market.owner())
    answer = client.post(table(market), cells(offer, variant, here, price="12,5", title=""))
    assert answer.status_code == 422
    answer = client.post(table(market), cells(offer, variant, here, price="12.50", title=" "))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'id="e_title_{offer.code}"' in page
    assert 'value="12.50"' in page
    variant.refresh_from_db()
    assert variant.price_minor == 1_000
    assert not BulkEdit.objects.filter(supplier=market.suppliers[0]).exists()


def test_an_untouched_count_is_not_counted_back(browser: Browser, market: Market):
    offer, variant, here = goods(market)
    buyer = browser()
    put_in_cart(buyer, offer, 4)
    place(buyer)
    browser(market.owner()).post(table(market), cells(offer, variant, here, price="11.00"))
    assert Stock.objects.get(variant=variant).remaining == 6


def test_undo_leaves_alone_what_changed_since_and_counts_by_difference(market: Market):
    offer, variant, here = goods(market)
    by = acts_for(market.suppliers[0])
    edits = [bulk.Edit("price", variant.code, 1_500), bulk.Edit("count", variant.code, 30, here.pk)]
    edit = bulk.edit_many(supplier_id=offer.supplier_id, edits=edits, by=by)
    offers.set_price(variant_id=variant.pk, price_minor=1_700, by=by)
    stock.set_count(variant_id=variant.pk, place_id=here.pk, count=25, by=by)
    assert bulk.undo(supplier_id=offer.supplier_id, code=edit.code, by=by) == bulk.Undone(1, 1)
    variant.refresh_from_db()
    assert (variant.price_minor, Stock.objects.get(variant=variant).remaining) == (1_700, 5)
    with pytest.raises(Refused, match=r"bulk\.undone"):
        bulk.undo(supplier_id=offer.supplier_id, code=edit.code, by=by)


def test_only_the_newest_edit_goes_back(market: Market):
    offer, variant, _here = goods(market)
    by = acts_for(market.suppliers[0])
    made = [
        bulk.edit_many(supplier_id=offer.supplier_id, edits=[bulk.Edit("price", variant.code, price)], by=by)
        for price in (1_100, 1_200)
    ]
    with pytest.raises(Refused, match=r"bulk\.not_newest"):
        bulk.undo(supplier_id=offer.supplier_id, code=made[0].code, by=by)
    bulk.undo(supplier_id=offer.supplier_id, code=made[1].code, by=by)
    bulk.undo(supplier_id=offer.supplier_id, code=made[0].code, by=by)
    variant.refresh_from_db()
    assert variant.price_minor == 1_000


def test_foreign_rows_and_prices_that_rules_cannot_bear_are_faults(market: Market):
    offer, variant, _here = goods(market)
    foreign = only_variant(market.offers[1])
    by = acts_for(market.suppliers[0])
    rules.set_rule(offer_id=offer.pk, terms=RuleTerms(Terms(bp=1_000, floor_minor=500)), by=by)
    edits = [bulk.Edit("price", variant.code, 300), bulk.Edit("price", foreign.code, 1)]
    with pytest.raises(InvalidMany) as told:
        bulk.edit_many(supplier_id=offer.supplier_id, edits=edits, by=by)
    assert {(fault.field, fault.code) for fault in told.value.faults} == {
        (f"price_{variant.code}", "rule.supplier_negative"),
        (f"price_{foreign.code}", "bulk.unknown"),
    }
    with pytest.raises(NotFound):
        bulk.edit_many(supplier_id=offer.supplier_id, edits=edits, by=acts_for(market.suppliers[1]))


def test_the_table_and_its_edit_take_as_many_statements_for_many_rows(browser: Browser, market: Market):
    supplier = market.suppliers[0]
    by = acts_for(supplier)
    client = browser(market.owner())

    def counted(work) -> int:
        with CaptureQueriesContext(connection) as queries:
            work()
        return len(queries)

    client.get(table(market))
    few = counted(lambda: client.get(table(market)))
    more = [only_variant(make_offer(supplier, price_minor=500, stock=3)) for _ in range(12)]
    assert counted(lambda: client.get(table(market))) == few
    edits = [bulk.Edit("price", variant.code, 600) for variant in more]
    edits += [bulk.Edit("title", variant.offer.code, f"t {n}") for n, variant in enumerate(more)]

    def edit(some) -> int:
        return counted(lambda: bulk.edit_many(supplier_id=supplier.pk, edits=some, by=by))

    assert edit([*edits[:1], *edits[12:13]]) == edit([*edits[1:12], *edits[13:]])


def test_views_find_what_is_low_sold_out_and_off_the_shelf(browser: Browser, market: Market):
    supplier = market.suppliers[0]
    low = make_offer(supplier, stock=5, title="low one")
    gone = make_offer(supplier, stock=0, title="gone one")
    off = make_offer(supplier, listed=False, stock=50, title="off one")
    client = browser(market.owner())

    def shown(query: str) -> set[int]:
        return {row.variant.offer_id for row in client.get(f"{table(market)}?{query}").context["rows"]}

    assert shown("view=low") == {low.pk}
    assert shown("view=sold_out") == {gone.pk}
    assert shown("view=off") == {off.pk}
    assert shown("q=gone") == {gone.pk}
    by_price = client.get(f"{table(market)}?sort=stock").context["rows"]
    assert [row.left for row in by_price] == sorted(row.left for row in by_price)


def test_stock_comes_in_and_is_counted_with_a_reason(browser: Browser, market: Market):
    _offer, variant, here = goods(market)
    second = make_place(market.suppliers[0], name="后仓")
    page = f"/m/{market.suppliers[0].code}/goods/{variant.code}"
    client = browser(market.owner())
    form = {"what": "receive", "place": str(second.pk), "pieces": "4", "reason": "counted"}
    assert client.post(page, form).status_code == 302
    assert (
        client.post(
            page, form | {"what": "count", "place": str(here.pk), "pieces": "8", "reason": "broken"}
        ).status_code
        == 302
    )
    held = dict(Stock.objects.filter(variant=variant).values_list("place_id", "remaining"))
    assert held == {here.pk: 8, second.pk: 4}
    events = client.get(page).context["events"]
    assert [(one["change"], one["place"], one["reason"]) for one in events] == [
        ("-2", here.name, "broken"),
        ("+4", "后仓", ""),
    ]
    assert client.post(page, form | {"pieces": "0"}).status_code == 422


def test_a_place_that_nobody_named_has_a_plain_name(browser: Browser, market: Market):
    supplier = market.suppliers[0]
    Place.objects.filter(supplier=supplier).update(closed_at=clock.now())
    made = first_place(supplier)
    assert supplier.code[:4] in made.name
    client, variant = browser(market.owner()), only_variant(market.offers[0])
    for page in ("places", f"goods/{variant.code}"):
        shown = client.get(f"/m/{supplier.code}/{page}").content.decode()
        assert "Default place 2" in shown
        assert made.name not in shown
    make_place(supplier, name="侧仓")
    stock.receive(variant_id=variant.pk, place_id=made.pk, quantity=1, by=acts_for(supplier))
    told = client.post(f"/m/{supplier.code}/places?form=close", {"place": str(made.pk)}, follow=True)
    assert "Default place 2" in str(*told.context["messages"])
    Place.objects.filter(pk=made.pk).update(name="后仓")
    assert "后仓" in client.get(f"/m/{supplier.code}/places").content.decode()


def photo(kind: str = "PNG") -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "#B5341F").save(out, kind)
    out.seek(0)
    out.name = "photo.png"
    return out


def test_photo_price_and_pieces_are_enough(browser: Browser, market: Market):
    supplier = market.suppliers[0]
    client = browser(market.owner())
    page = f"/m/{supplier.code}/offers/quick"
    answer = client.post(page, {"photos": [photo(), photo()], "price": "18.80", "count": "3", "title": ""})
    assert answer.status_code == 302
    offer = Offer.objects.filter(supplier=supplier).latest("pk")
    variant = only_variant(offer)
    assert (variant.price_minor, Stock.objects.get(variant=variant).remaining) == (1_880, 3)
    assert (offer.on_shelf, offer.pictures.count()) == (True, 2)
    assert offer.title == f"New from {supplier.name}"
    assert CommissionRule.objects.get(offer=offer).shop_bp == 1_500  # as the newest offer before it
    assert offer.code in client.get(answer["Location"]).content.decode()


def test_a_photo_that_cannot_be_read_leaves_no_offer(browser: Browser, market: Market):
    supplier = market.suppliers[0]
    broken = io.BytesIO(b"no picture at all")
    broken.name = "photo.png"
    before = Offer.objects.filter(supplier=supplier).count()
    page = f"/m/{supplier.code}/offers/quick"
    client = browser(market.owner())
    answer = client.post(page, {"photos": [photo(), broken], "price": "18.80", "count": "3"})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["photos"])
    answer = client.post(page, {"price": "18.80", "count": "3"})
    assert list(answer.context["form"].errors) == ["photos"]
    assert Offer.objects.filter(supplier=supplier).count() == before


def helper_of(market: Market) -> User:
    user = make_user(name="小王")
    Role.objects.create(user=user, member=market.suppliers[0], kind=RoleKind.HELPER, granted_at=clock.now())
    return user


def test_a_helper_lists_and_the_seller_is_told(browser: Browser, market: Market):
    supplier, user = market.suppliers[0], helper_of(market)
    client = browser(user)
    for _ in range(3):
        form = {"photos": [photo()], "price": "18.80", "count": "3", "title": "柿饼"}
        assert client.post(f"/m/{supplier.code}/offers/quick", form).status_code == 302
    made = OfferEvent.objects.filter(what="offer.made", by_user_id=user.pk)
    assert [one.by_name for one in made] == ["小王"] * 3
    page = browser(market.owner()).get(f"/m/{supplier.code}/today")
    assert "小王: listed new goods, 3 times for you" in page.content.decode()
    zh = browser(market.owner(), language="zh-hans").get(f"/m/{supplier.code}/today").content.decode()
    assert "小王 代您新增商品 3 次" in zh


def test_a_helper_sees_no_money_gives_no_role_and_says_not_who_earns(browser: Browser, market: Market):
    supplier, user = market.suppliers[0], helper_of(market)
    client, by = browser(user), actor_for(user, market.cluster)
    offer = market.offers[0]
    for path in (
        "earnings",
        "statement",
        "payee",
        "helpers",
        "freight",
        f"offers/{offer.code}/rule",
    ):
        assert client.get(f"/m/{supplier.code}/{path}").status_code == 403, path
    for path in ("today", "orders", "goods", "waves", "cases", "sellers", "places", "offers"):
        assert client.get(f"/m/{supplier.code}/{path}").status_code == 200, path
    own = RoleTerms("designer", supplier.pk, 100)
    with pytest.raises(Forbidden):
        rules.set_rule(offer_id=offer.pk, terms=RuleTerms(roles=(own,)), by=by)
    new = offers.NewOffer(
        fields=offers.OfferFields(title="x"),
        variants=(offers.VariantFields(price_minor=100),),
        rule=RuleTerms(roles=(own,)),
    )
    with pytest.raises(Forbidden):
        offers.make_offer(supplier_id=supplier.pk, new=new, by=by)
    with pytest.raises(Forbidden):
        imports.planned(by, supplier.pk, imports.ImportOptions("a.csv", shop_bp=4_321))
    assert imports.planned(by, supplier.pk, imports.ImportOptions("a.csv")).shop.bp == 0
    assert "shop_bp" not in client.get(f"/m/{supplier.code}/import").content.decode()
    assert "shop_bp" in browser(market.owner()).get(f"/m/{supplier.code}/import").content.decode()
    with pytest.raises(Forbidden):
        grant_role(member_id=supplier.pk, email=make_user().email, kind="helper", by=by)
    tabs = set(client.get(f"/m/{supplier.code}/today").wsgi_request.tabs)
    assert {"supply_today", "to_ship", "offers", "cases", "sellers", "storing"} <= tabs
    assert not tabs & {"earnings", "statement", "payee", "freight", "helpers"}


def test_the_seller_and_the_operator_give_helpers_nobody_else(browser: Browser, market: Market, cluster):
    supplier, page = market.suppliers[0], f"/m/{market.suppliers[0].code}/helpers"
    runner = User.objects.get(pk=operator(cluster).user_id)
    for client in (browser(market.owner()), browser(runner)):
        friend = make_user()
        assert client.post(page, {"email": friend.email}).status_code == 302
        assert not Role.objects.filter(user=friend).exists(), "asked, and free to decline"
        offer = RoleOffer.objects.get(email=friend.email)
        browser(friend).post(reverse("offer_answer", args=[offer.pk]), {"answer": "take"})
        role = Role.objects.get(user=friend, member=supplier, ended_at=None)
        assert role.kind == RoleKind.HELPER
        assert client.post(page, {"end": str(role.pk)}).status_code == 302
        role.refresh_from_db()
        assert role.ended_at is not None
    staff = operator(cluster, RoleKind.STAFF)
    for actor in (staff, acts_for(market.suppliers[1]), acts_for(supplier, RoleKind.MANAGER)):
        client = browser(User.objects.get(pk=actor.user_id))
        assert client.post(page, {"email": make_user().email}).status_code in (403, 404)
    by = operator(cluster)
    with pytest.raises(Forbidden):
        grant_role(member_id=supplier.pk, email=make_user().email, kind="owner", by=by)
    with pytest.raises(Forbidden):
        end_role(member_id=supplier.pk, user_id=market.owner().pk, by=by)
    with pytest.raises(Forbidden):
        grant_role(member_id=supplier.pk, email=User.objects.get(pk=by.user_id).email, kind="helper", by=by)
    assert not Role.objects.filter(member=supplier, kind=RoleKind.HELPER, ended_at=None).exists()


def test_a_rule_is_reckoned_before_it_is_kept(browser: Browser, market: Market, cluster):
    offer = market.offers[0]
    designer = make_member(cluster, capacities=("designer",), name="青瓷工作室")
    page = f"/m/{market.suppliers[0].code}/offers/{offer.code}/rule"
    typed = {"shop_bp": "20", "shop_floor_minor": "", "shop_cap_minor": "", "example": "99.99"}
    typed |= {"member_0": designer.name, "role_0": "designer", "percent_0": "15"}
    client = browser(market.owner())
    answer = client.post(f"{page}?preview=1", typed)
    (_label, with_shop, _no), (_label2, without, _no2) = answer.context["examples"]
    assert [(part.role, part.amount_minor) for part in with_shop] == [
        ("Supplier", 6_499), ("Shopkeeper", 2_000), ("Designer", 1_500),
    ]  # fmt: skip
    assert [(part.role, part.amount_minor) for part in without] == [("Supplier", 8_499), ("Designer", 1_500)]
    assert answer.context["warnings"] == ("rule.above_gateway_cap",)
    assert CommissionRule.objects.filter(offer=offer).count() == 1
    assert client.post(page, typed).status_code == 302
    assert [one.number for one in client.get(page).context["versions"]] == [2, 1]
