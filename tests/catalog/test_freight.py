import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunju.catalog.freight import FreightTerms, quote
from yunju.catalog.provinces import PROVINCES, normalised
from yunju.kernel.errors import Refused

WEIGHT = FreightTerms(kind="weight", first_g=1_000, first_minor=800, next_g=500, next_minor=300)
KEYS = [one.key for one in PROVINCES]
amounts = st.integers(0, 10**7)
terms = st.builds(
    FreightTerms,
    kind=st.sampled_from(["free", "flat", "weight"]),
    flat_minor=amounts,
    first_g=st.integers(1, 5_000),
    first_minor=amounts,
    next_g=st.integers(1, 5_000),
    next_minor=amounts,
    free_over_minor=st.none() | amounts,
    surcharges=st.dictionaries(st.sampled_from(KEYS), amounts, max_size=4),
)


@pytest.mark.parametrize(
    ("weight_g", "minor"),
    [(0, 800), (1, 800), (1_000, 800), (1_001, 1_100), (1_500, 1_100), (1_501, 1_400), (10_000, 6_200)],
)
def test_weight_is_rounded_up_to_the_next_step(weight_g, minor):
    assert quote(WEIGHT, province="广东", goods_minor=1, weight_g=weight_g) == minor


def test_no_rule_is_free():
    assert quote(None, province="", goods_minor=1, weight_g=99_999) == 0


def test_flat_is_once_an_order():
    assert (
        quote(FreightTerms(kind="flat", flat_minor=1_200), province="", goods_minor=50_000, weight_g=9_000)
        == 1_200
    )


@pytest.mark.parametrize(("goods", "minor"), [(9_899, 1_000), (9_900, 0), (9_901, 0)])
def test_free_over_begins_at_its_amount(goods, minor):
    rule = FreightTerms(kind="flat", flat_minor=1_000, free_over_minor=9_900)
    assert quote(rule, province="上海", goods_minor=goods, weight_g=0) == minor


def test_a_surcharge_stays_due_where_the_rest_is_free():
    rule = FreightTerms(kind="flat", flat_minor=1_000, free_over_minor=5_000, surcharges={"新疆": 1_500})
    assert quote(rule, province="新疆维吾尔自治区", goods_minor=5_000, weight_g=0) == 1_500
    assert quote(rule, province="Xinjiang", goods_minor=4_999, weight_g=0) == 2_500
    assert quote(rule, province="北京市", goods_minor=5_000, weight_g=0) == 0


def test_a_province_not_served_is_refused():
    rule = FreightTerms(not_served=frozenset({"西藏"}))
    with pytest.raises(Refused) as caught:
        quote(rule, province="Tibet Autonomous Region", goods_minor=1, weight_g=1)
    assert caught.value == Refused("freight.not_served", field="province", province="西藏")


@pytest.mark.parametrize("province", ["", "São Paulo", "某省"])
def test_an_unknown_province_is_refused_only_where_provinces_differ(province):
    assert quote(FreightTerms(kind="flat", flat_minor=5), province=province, goods_minor=1, weight_g=1) == 5
    with pytest.raises(Refused) as caught:
        quote(FreightTerms(surcharges={"西藏": 5}), province=province, goods_minor=1, weight_g=1)
    assert caught.value.code == "freight.province_unknown"


@given(terms, st.sampled_from(KEYS), amounts, st.integers(0, 10**6), st.integers(0, 10**5))
def test_heavier_never_costs_less_and_dearer_goods_never_more(rule, province, goods, weight, more):
    price = quote(rule, province=province, goods_minor=goods, weight_g=weight)
    assert price >= rule.surcharges.get(province, 0)
    assert quote(rule, province=province, goods_minor=goods, weight_g=weight + more) >= price
    assert quote(rule, province=province, goods_minor=goods + more, weight_g=weight) <= price


@given(terms, st.sampled_from(PROVINCES), amounts)
def test_every_way_to_write_a_province_costs_the_same(rule, province, goods):
    ways = [
        province.key,
        province.full,
        province.english,
        f"{province.english} Province",
        f" {province.english.upper()} ",
    ]
    assert len({quote(rule, province=way, goods_minor=goods, weight_g=1) for way in ways}) == 1


def test_there_are_34_provinces_and_no_two_are_written_alike():
    assert len({one.key for one in PROVINCES}) == len({one.code for one in PROVINCES}) == 34
    assert [normalised(one.full) for one in PROVINCES] == KEYS
    assert [normalised(one.english) for one in PROVINCES] == KEYS


@pytest.mark.parametrize("text", ["", "市", "省", "山", "Shan", "江", "北京北京", "<script>"])
def test_what_is_no_province_is_none(text):
    assert normalised(text) is None


@given(st.text(max_size=30))
def test_no_text_breaks_it(text):
    assert normalised(text) in {None, *KEYS}
