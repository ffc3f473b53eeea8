"""Signed links: what they say, what is refused, and which of several counts."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.members import buyer, make_cluster, make_member
from tests.factories.shops import make_shop
from yunju.kernel import clock
from yunju.kernel.errors import SignInNeeded
from yunju.members.queries import anonymous
from yunju.shops import actions, queries
from yunju.shops.attribution import (
    SOURCES,
    Attribution,
    cookie_seconds,
    make_token,
    newest,
    read_token,
    stamp,
)
from yunju.shops.models import CarriedAttribution

NOW = datetime(2026, 11, 11, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@given(
    shop=st.integers(1, 2**40 - 1),
    source=st.sampled_from(SOURCES),
    code=st.text("23456789ABCDEFGHJKLMNPQRSTUVWXYZ", max_size=8),
    seconds=st.integers(0, 7 * 86_400),
)
def test_a_token_says_again_what_was_put_into_it(shop, source, code, seconds):
    opened = NOW - timedelta(seconds=seconds)
    token = make_token(shop, source, code, opened)
    assert read_token(token, NOW, 7) == Attribution(shop, source, code, opened)
    assert len(token) <= 40
    assert stamp(read_token(token, NOW, 7)) == token


@given(st.text(max_size=60))
def test_garbage_is_nobody_and_never_raises(text):
    assert read_token(text, NOW, 7) is None


@given(st.binary(max_size=40))
def test_garbage_bytes_are_nobody(raw):
    assert read_token(base64.urlsafe_b64encode(raw).decode().rstrip("="), NOW, 7) is None


def test_every_changed_character_is_found():
    token = make_token(7, "link", "ABCD2345", NOW)
    for place in range(len(token)):
        for other in "AZaz09-_":
            changed = token[:place] + other + token[place + 1 :]
            found = read_token(changed, NOW, 7)
            # The last character carries bits that no byte uses: another one may spell the same token.
            assert found is None or found == read_token(token, NOW, 7)
            assert found is None or place == len(token) - 1 or changed == token


def test_another_installations_token_is_nobody_and_an_old_key_still_reads():
    token = make_token(7, "poster")
    with override_settings(SECRET_KEY="another"):
        assert read_token(token, NOW, 7) is None
    with override_settings(
        SECRET_KEY="new one", SECRET_KEY_FALLBACKS=["tests only: nothing that lasts is signed with this"]
    ):
        assert read_token(token, NOW, 7).shop_id == 7


def test_a_link_counts_from_its_opening_and_lasts_the_days():
    link = make_token(7, "plate", "")
    assert read_token(link, NOW + 900 * DAY, 7).at == NOW + 900 * DAY
    opened = stamp(read_token(link, NOW, 7))
    assert read_token(opened, NOW + 7 * DAY, 7) is not None
    assert read_token(opened, NOW + 7 * DAY + timedelta(seconds=1), 7) is None
    assert read_token(opened, NOW - timedelta(minutes=6), 7) is None, "from the future"


def test_zero_days_is_the_visit_alone():
    opened = make_token(7, "link", "", NOW)
    assert read_token(opened, NOW + timedelta(minutes=30), 0) is not None
    assert read_token(opened, NOW + timedelta(minutes=31), 0) is None
    assert cookie_seconds(0) == 0
    assert cookie_seconds(7) == 604_800


@pytest.mark.parametrize(
    ("shop", "source", "code"),
    [(0, "link", ""), (2**40, "link", ""), (1, "none", ""), (1, "link", "123456789"), (1, "link", "中")],
)
def test_what_fits_no_token_is_refused(shop, source, code):
    with pytest.raises(ValueError, match=r"."):
        make_token(shop, source, code)


def test_the_last_link_wins_and_of_equals_the_first_given():
    older, newer = Attribution(1, "link", "", NOW - DAY), Attribution(2, "poster", "", NOW)
    assert newest([older, None, newer]) == newer
    assert newest([newer, Attribution(3, "link", "", NOW)]) == newer
    assert newest([None]) is None


def test_a_buyer_who_changes_browsers_is_not_lost(db_app):
    cluster = make_cluster()
    shop = make_shop(make_member(cluster))
    person = buyer(cluster)
    with clock.at(NOW):
        first = queries.attribution_of(anonymous(cluster.pk), address=make_token(shop.pk, "link", "AB"))
        assert first == Attribution(shop.pk, "link", "AB", NOW)
        assert actions.remember(found=first, by=person)
    with clock.at(NOW + 6 * DAY):
        assert queries.attribution_of(person) == first
        assert queries.attribution_of(buyer(cluster)) is None
    with clock.at(NOW + 8 * DAY):
        assert queries.attribution_of(person) is None


def test_of_address_cookie_and_account_the_newest_counts(db_app):
    cluster = make_cluster()
    shops = [make_shop(make_member(cluster)) for _ in range(3)]
    person = buyer(cluster)
    actions.remember(found=Attribution(shops[0].pk, "link", "", clock.now() - 2 * DAY), by=person)
    cookie = make_token(shops[1].pk, "link", "", clock.now() - DAY)
    address = make_token(shops[2].pk, "link", "", clock.now() - 3 * DAY)
    assert queries.attribution_of(person, address=address, cookie=cookie).shop_id == shops[1].pk
    assert queries.attribution_of(person, address=address).shop_id == shops[0].pk
    fresh = make_token(shops[2].pk, "link")
    assert queries.attribution_of(person, address=fresh, cookie=cookie).shop_id == shops[2].pk


def test_only_a_newer_one_is_kept_with_the_account(db_app):
    cluster = make_cluster()
    one, two = make_shop(make_member(cluster)), make_shop(make_member(cluster))
    person = buyer(cluster)
    now = clock.now()
    assert actions.remember(found=Attribution(one.pk, "link", "", now), by=person)
    assert not actions.remember(found=Attribution(two.pk, "link", "", now - DAY), by=person)
    assert queries.carried(person).shop_id == one.pk
    assert actions.remember(found=Attribution(two.pk, "plate", "X", now + DAY), by=person)
    row = CarriedAttribution.objects.get(cluster_id=cluster.pk, user_id=person.user_id)
    assert (row.shop_id, row.source, row.share_code) == (two.pk, "plate", "X")
    actions.forget_attribution(by=person)
    assert queries.carried(person) is None


def test_closed_and_foreign_shops_bring_nobody(db_app):
    cluster, elsewhere = make_cluster(), make_cluster()
    closed = make_shop(make_member(cluster), closed_at=clock.now())
    foreign = make_shop(make_member(elsewhere))
    person = buyer(cluster)
    for shop in (closed, foreign):
        assert queries.attribution_of(person, address=make_token(shop.pk, "link")) is None
        assert not actions.remember(found=Attribution(shop.pk, "link", "", clock.now()), by=person)
    assert not CarriedAttribution.objects.filter(user_id=person.user_id).exists()
    assert queries.attribution_of(person, address=make_token(2**39, "link")) is None


def test_zero_days_keep_nothing_with_the_account(db_app):
    cluster = make_cluster(attribution_days=0)
    shop = make_shop(make_member(cluster))
    person = buyer(cluster)
    assert not actions.remember(found=Attribution(shop.pk, "link", "", clock.now()), by=person)
    link = make_token(shop.pk, "link")
    assert queries.attribution_of(person, address=link).shop_id == shop.pk
    assert queries.attribution_of(person, cookie=link) is None


def test_nobody_has_no_account_to_keep_it_with(db_app):
    cluster = make_cluster()
    shop = make_shop(make_member(cluster))
    with pytest.raises(SignInNeeded):
        actions.remember(found=Attribution(shop.pk, "link", "", clock.now()), by=anonymous(cluster.pk))
