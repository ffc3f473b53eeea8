"""Whose address asks, with and without proxies in front; and a NUL that no page, form, cookie or header brings in."""

import ipaddress
import re

import pytest
from django.test import RequestFactory
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver

from tests.factories.members import PASSWORD, make_user, operator
from tests.web.conftest import Browser
from tests.web.entrances import quiet_phones
from tests.web.market import Market, make_market
from yunju.config import env
from yunju.members.models import PhoneCode, User
from yunju.web.arriving import AddressMiddleware, plain

NUL = "a\0b"


def seen(settings, *, proxies: int, peer: str = "127.0.0.1", **headers: str) -> tuple[str, set[str]]:
    """The address that a request comes from after the middleware, and the headers of proxies that are left."""
    settings.YUNJU_PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR=peer, **headers)
    found = []
    AddressMiddleware(lambda one: found.append(one))(request)  # type: ignore[arg-type, func-returns-value]
    return found[0].META["REMOTE_ADDR"], {name for name in found[0].META if "FORWARDED" in name}


def test_without_proxies_nothing_that_a_client_says_counts(settings):
    said = {"HTTP_X_FORWARDED_FOR": "8.8.8.8", "HTTP_X_FORWARDED_PROTO": "https", "HTTP_X_REAL_IP": "8.8.8.8"}
    assert seen(settings, proxies=0, peer="203.0.113.7", **said) == ("203.0.113.7", set())


def test_behind_a_proxy_the_address_that_it_saw_counts_and_not_what_the_client_wrote(settings):
    said = {"HTTP_X_FORWARDED_FOR": "6.6.6.6, 203.0.113.7", "HTTP_X_FORWARDED_PROTO": "https"}
    address, left = seen(settings, proxies=1, **said)
    assert address == "203.0.113.7"
    assert "HTTP_X_FORWARDED_PROTO" in left


def test_behind_two_proxies_the_outer_ones_word_counts(settings):
    assert seen(settings, proxies=2, HTTP_X_FORWARDED_FOR="6.6.6.6,203.0.113.7, 10.0.0.2")[0] == "203.0.113.7"
    too_few = seen(settings, proxies=2, HTTP_X_FORWARDED_FOR="203.0.113.7")
    assert too_few[0] == "127.0.0.1", "a request that passed one proxy only is not taken at its word"


def test_somebody_who_passes_by_the_proxy_is_not_believed(settings):
    said = {"HTTP_X_FORWARDED_FOR": "10.9.9.9", "HTTP_X_FORWARDED_PROTO": "https"}
    assert seen(settings, proxies=1, peer="198.51.100.9", **said) == ("198.51.100.9", set())
    settings.YUNJU_TRUSTED_PROXIES = [ipaddress.ip_network("198.51.100.9")]
    assert seen(settings, proxies=1, peer="198.51.100.9", **said)[0] == "10.9.9.9"
    assert seen(settings, proxies=1, peer="127.0.0.1", **said)[0] == "127.0.0.1"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("203.0.113.7:5123", "203.0.113.7"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("unknown", ""),
        ("203.0.113.7'--", ""),
        ("", ""),
    ],
)
def test_an_address_has_one_form(text, address):
    assert plain(text) == address


def test_networks_are_read_or_named(monkeypatch):
    monkeypatch.setenv("YUNJU_TRUSTED_PROXIES", "10.0.0.0/8, 203.0.113.7")
    assert [str(one) for one in env.networks("YUNJU_TRUSTED_PROXIES", "")] == ["10.0.0.0/8", "203.0.113.7/32"]
    monkeypatch.setenv("YUNJU_TRUSTED_PROXIES", "10.0.0.1/8")
    with pytest.raises(env.SettingsError, match="YUNJU_TRUSTED_PROXIES"):
        env.networks("YUNJU_TRUSTED_PROXIES", "")


def test_behind_a_proxy_one_guesser_does_not_lock_out_the_others(browser: Browser, settings):
    settings.YUNJU_PROXIES = 1
    user, wrong = make_user(), {"password": "not it at all", "next": ""}
    guesser, owner = browser(), browser()
    for _ in range(10):
        told = guesser.post(
            "/sign-in", wrong | {"email": user.email}, headers={"X-Forwarded-For": "203.0.113.7"}
        )
    assert told.status_code == 429
    own = {"email": user.email, "password": PASSWORD, "next": ""}
    assert guesser.post("/sign-in", own, headers={"X-Forwarded-For": "203.0.113.7"}).status_code == 429
    assert (
        guesser.post("/sign-in", own, headers={"X-Forwarded-For": "1.1.1.1, 203.0.113.7"}).status_code == 429
    )
    assert owner.post("/sign-in", own, headers={"X-Forwarded-For": "203.0.114.8"}).status_code == 302


def test_behind_a_proxy_codes_are_counted_by_the_askers_neighbourhood(browser: Browser, settings, tmp_path):
    settings.YUNJU_HOME, settings.YUNJU_PROXIES = tmp_path, 1
    quiet_phones()
    for number, address in (("13700000001", "203.0.113.7"), ("13700000002", "198.51.100.1")):
        browser().post("/sign-in", {"phone": number}, headers={"X-Forwarded-For": address})
    assert PhoneCode.objects.exclude(near="").values("near").distinct().count() == 2


# --- NUL ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def market(cluster) -> Market:
    return make_market(cluster)


def routes() -> list[str]:
    """The address of every page, with something odd in the place of each code and 1 for each number."""
    found: list[str] = []

    def walk(resolver: URLResolver, before: str) -> None:
        for one in resolver.url_patterns:
            path = before + str(one.pattern)
            if isinstance(one, URLResolver):
                walk(one, path)
            elif isinstance(one, URLPattern):
                found.append(path)

    walk(get_resolver(), "/")
    pages = [
        one for one in found if not one.startswith(("/api/", "/hooks/", "/static/")) and "(?P" not in one
    ]
    return sorted({re.sub(r"<(?:int:)[^>]+>", "1", re.sub(r"<(?!int:)[^>]+>", "abc", one)) for one in pages})


def test_no_route_breaks_over_a_nul_in_a_form(browser: Browser, market: Market):
    paths = routes()
    assert len(paths) > 150
    owner, desk = market.owner(), User.objects.get(pk=operator(market.cluster).user_id)
    people = {"/m/": browser(owner), "/operator": browser(desk)}
    for path in paths:
        client = next((one for start, one in people.items() if path.startswith(start)), people["/m/"])
        address = path.replace("/m/abc/", f"/m/{market.suppliers[0].code}/")
        sent = {"reason": NUL, "code": NUL, "words": NUL, "email": NUL, "next": NUL, "way": NUL}
        assert client.post(address, sent).status_code in (400, 404, 405), address
    assert browser().post("/sign-in", {"a\0": "1"}).status_code == 400


def test_a_nul_in_a_file_or_in_the_middle_of_a_body_is_refused(browser: Browser, market: Market):
    client = browser(market.owner())
    boundary = "x" * 20
    for disposition in ('name="f\0"; filename="a.csv"', 'name="file"; filename="a\0.csv"', 'name="t"'):
        body = (
            f"--{boundary}\r\nContent-Disposition: form-data; {disposition}\r\n\r\na\0b\r\n--{boundary}--\r\n"
        )
        told = client.generic(
            "POST",
            f"/m/{market.suppliers[0].code}/import",
            body,
            content_type=f"multipart/form-data; boundary={boundary}",
        )
        assert told.status_code < 500, disposition


def test_a_nul_in_a_cookie_is_as_no_cookie(browser: Browser):
    for name in (
        "sessionid",
        "yunju_browser",
        "yunju_share",
        "django_language",
        "csrftoken",
        "yunju_province",
    ):
        client = browser()
        client.cookies.clear()
        for path in ("/", "/me", "/shelf", "/api/v1/me", "/desk/login/"):
            told = client.get(path, HTTP_COOKIE=f'{name}="abcdefghijklmnopqrstuvw\\000xyz"')
            assert told.status_code < 500, (name, path)


@pytest.mark.parametrize("odd", ['"a\\u0000b"', '"\\ud800"', '"\\udfffx"'])
def test_the_api_refuses_text_that_cannot_be_kept(browser: Browser, market: Market, odd):
    client, offer = browser(market.owner()), market.offers[0].code
    for method, path, body in (
        ("PUT", f"offers/{offer}", f'{{"title": {odd}}}'),
        ("PUT", f"offers/{offer}", f'{{{odd}: "x"}}'),
        ("POST", "cart/lines", f'{{"variant": {odd}, "quantity": 1}}'),
        ("POST", "tokens", f'{{"name": {odd}, "scopes": ["shelf.read"]}}'),
        ("POST", "tokens", f'{{"name": "x", "scopes": [{odd}]}}'),
    ):
        told = client.generic(method, f"/api/v1/{path}", body, content_type="application/json")
        assert 400 <= told.status_code < 500, (path, told.content)


def test_an_honest_form_still_passes(browser: Browser, market: Market):
    user = market.owner()
    assert browser(user).post("/me", {"name": "陈 立", "language": "en"}).status_code == 302
    user.refresh_from_db()
    assert user.name == "陈 立"
