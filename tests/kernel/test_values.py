"""Money, codes and the clock: pure, with examples that hurt."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunju.kernel import clock, ids, money
from yunju.kernel.money import EXPONENTS, MAX_MINOR, Money

currencies = st.sampled_from(sorted(EXPONENTS))
amounts = st.integers(-MAX_MINOR, MAX_MINOR)


@given(amounts, currencies)
def test_what_is_written_is_read_back(minor, currency):
    assert money.parse_minor(money.decimal_text(minor, currency), currency) == minor


@given(amounts, currencies)
def test_people_read_the_same_digits(minor, currency):
    shown = money.format_minor(minor, currency)
    assert shown.startswith("-") == (minor < 0)
    plain = shown.lstrip("-").removeprefix(money.SYMBOLS[currency]).replace(",", "")
    assert plain == money.decimal_text(abs(minor), currency)
    assert str(Money(minor, currency)) == shown


@given(st.text())
def test_any_text_is_an_amount_in_range_or_refused(text):
    try:
        minor = money.parse_minor(text, "CNY")
    except ValueError:
        return
    assert abs(minor) <= MAX_MINOR
    assert text.strip().isascii()


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "１２",
        "1_0",
        "1e3",
        "NaN",
        "inf",
        "12.345",
        "1,000",
        "+1",
        ".5",
        "5.",
        "--1",
        "0x10",
        "1" * 13,
        "٣",
        "1.2.3",
        "1 0",
    ],
)
def test_what_is_no_amount(text):
    with pytest.raises(ValueError, match=r"amount|decimals"):
        money.parse_minor(text, "CNY")


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("12.30", "CNY", 1_230), ("12.3", "CNY", 1_230), ("12.300000", "CNY", 1_230), ("0", "CNY", 0), ("-0", "CNY", 0),
        ("-0.01", "CNY", -1), (" 7 ", "CNY", 700), ("12", "JPY", 12), ("12.00", "JPY", 12), ("0007", "CNY", 700),
        ("10000000000.00", "CNY", MAX_MINOR),
    ],
)  # fmt: skip
def test_what_is_one(text, currency, minor):
    assert money.parse_minor(text, currency) == minor


def test_a_cent_over_the_most_and_a_part_of_a_yen():
    with pytest.raises(ValueError, match="range"):
        money.parse_minor("10000000000.01", "CNY")
    with pytest.raises(ValueError, match="decimals"):
        money.parse_minor("1.5", "JPY")


@pytest.mark.parametrize("minor", [True, 1.0, "1", None])
def test_money_is_whole(minor):
    with pytest.raises(TypeError):
        Money(minor, "CNY")


def test_money_adds_to_its_own_kind_alone():
    five, two = Money(5, "CNY"), Money(2, "CNY")
    assert (five + two, five - two, -two) == (Money(7, "CNY"), Money(3, "CNY"), Money(-2, "CNY"))
    for other in (five.__add__, five.__sub__):
        with pytest.raises(ValueError, match="cannot add"):
            other(Money(1, "JPY"))
    with pytest.raises(ValueError, match="unknown currency"):
        Money(1, "ABC")


@given(
    st.dates(),
    st.text(ids.ALPHABET, min_size=6, max_size=7),
    st.integers(0, 13),
    st.sampled_from(ids.ALPHABET),
)
def test_one_wrong_character_of_an_order_number_is_found(day, body, place, wrong):
    number = ids.numbered(day, body)
    assert ids.is_order_number(number)
    assert ids.is_order_number(f" {number.lower()} ")
    spoilt = number[:place] + wrong + number[place + 1 :]
    assert ids.is_order_number(spoilt) == (spoilt == number)


@given(st.dates(), st.sets(st.integers(0, 2**35 - 1), min_size=2, max_size=50))
def test_no_two_orders_have_the_same_number(day, numbers):
    found = {ids.order_number(day, number) for number in numbers}
    assert len(found) == len(numbers)
    assert all(ids.is_order_number(one) and len(one) == 16 for one in found)


def test_orders_one_after_the_other_do_not_look_so():
    day = date(2026, 11, 23)
    bodies = [ids.order_number(day, number).split("-")[1] for number in range(10_000)]
    assert len(set(bodies)) == 10_000
    for place in range(7):
        assert len({body[place] for body in bodies}) == 32, place
    assert all(
        len({body[:3] for body in bodies[start : start + 100]}) > 80 for start in range(0, 10_000, 100)
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "261122",
        "261122-K7QP4M",
        "26112-K7QP4M-X",
        "261122-K7QP4-X",
        "261122-K7QP4M-XX",
        "２６１１２２-K7QP4M-X",
        "261122-K0QP4M-X",
        "a-b-c",
    ],
)
def test_what_is_no_order_number(text):
    assert not ids.is_order_number(text)


@given(st.integers(1, 40))
def test_codes_are_of_their_length_and_alphabet(length):
    code = ids.public_code(length)
    assert len(code) == length
    assert set(code) <= set(ids.ALPHABET)


def test_codes_do_not_repeat():
    assert len({ids.public_code() for _ in range(10_000)}) == 10_000


def test_the_clock_can_be_set_nested_and_comes_back():
    moment = datetime(2027, 2, 28, 23, 30, tzinfo=UTC)
    with clock.at(moment):
        with clock.at(moment + timedelta(days=1)):
            assert clock.now() == moment + timedelta(days=1)
        assert clock.now() == moment
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(days=400)
    with pytest.raises(ValueError, match="aware"), clock.at(datetime(2027, 1, 1)):  # noqa: DTZ001 - the refusal
        pass


def test_days_and_months_are_cut_where_the_cluster_lives():
    late = datetime(2027, 2, 28, 23, 30, tzinfo=UTC)
    assert clock.local_day(late, "Asia/Shanghai") == date(2027, 3, 1)
    assert clock.at_local(date(2027, 3, 1), 10, "Asia/Shanghai") == datetime(2027, 3, 1, 2, tzinfo=UTC)
    first, following = clock.month_bounds(2026, 12, "Asia/Shanghai")
    assert (first, following) == (
        datetime(2026, 11, 30, 16, tzinfo=UTC),
        datetime(2026, 12, 31, 16, tzinfo=UTC),
    )


@given(
    st.integers(2000, 2998),
    st.integers(1, 12),
    st.sampled_from(["Asia/Shanghai", "America/Sao_Paulo", "Europe/Berlin"]),
)
def test_each_month_begins_where_the_last_ended(year, month, zone):
    _, end = clock.month_bounds(year, month, zone)
    assert clock.month_bounds(year + month // 12, month % 12 + 1, zone)[0] == end
