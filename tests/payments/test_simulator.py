"""The simulated provider itself: its pages, its patience, its memory through kill -9, and that it knows nothing of us."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.factories.members import make_cluster
from tests.factories.payments import make_payable
from tests.payments.provider import Ear, Provider, free_port, until
from yunju.kernel.actor import system
from yunju.payments import actions, registry, simulator
from yunju.payments.simulator import post, words

FOLDER = Path(simulator.__file__).parent


def start(kind="redirect", amounts=(600, 400), **fields):
    payable = make_payable(make_cluster(), amounts, **fields)
    return actions.start_attempt(
        payable=payable, gateway="simulated", kind=kind, by=system(payable.cluster_id)
    )


def press(url, what, **headers):
    return httpx.post(url, data={"do": what}, headers=headers, trust_env=False)


def test_it_imports_nothing_of_ours():
    for path in FOLDER.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [one.name for one in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                root = name.split(".")[0]
                assert root in sys.stdlib_module_names or name.startswith("yunju.payments.simulator"), (
                    path,
                    name,
                )
    code = "import sys, yunju.payments.simulator.__main__; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_cashier_in_both_languages(provider, db_app):
    _, answer = start()
    chinese = httpx.get(answer.url, trust_env=False)
    english = httpx.get(answer.url, headers={"Accept-Language": "en-GB,en;q=0.9"}, trust_env=False)
    asked = httpx.get(answer.url + "?lang=en", headers={"Accept-Language": "zh-CN"}, trust_env=False)
    assert all(
        text in chinese.text
        for text in ("确认付款", "稍后再付", "¥10.00", "¥6.00", "¥4.00", 'lang="zh-Hans"')
    )
    assert all(text in english.text for text in ("Pay now", "Pay later", 'lang="en"'))
    assert "Pay now" in asked.text
    assert "<script" not in chinese.text
    policy = chinese.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert f"form-action 'self' {provider.ear.url};" in policy
    assert (
        httpx.get(provider.url + "/style.css", trust_env=False).headers["Content-Type"].startswith("text/css")
    )


def test_paying_refusing_and_later(provider, db_app):
    attempt, answer = start(return_url="http://127.0.0.1:1/back?x=1")
    later = press(answer.url, "later")
    assert (later.status_code, later.headers["Location"]) == (303, "http://127.0.0.1:1/back?x=1")
    refused = press(answer.url, "refuse", **{"Accept-Language": "en"})
    assert refused.status_code == 200
    assert "refused this payment" in refused.text
    assert provider.state(attempt.out_no)["state"] == "open"
    assert press(answer.url, "steal").status_code == 422
    for _ in range(2):
        assert press(answer.url, "pay").headers["Location"] == "http://127.0.0.1:1/back?x=1"
    assert provider.state(attempt.out_no)["paid_amount"] == 1_000
    assert "付款成功" in httpx.get(answer.url, trust_env=False).text
    assert len(provider.hears(attempt.out_no)) == 1


def test_a_scanning_phone_stays_at_the_cashier(provider, db_app):
    _, answer = start("qr")
    done = httpx.post(answer.text, data={"do": "pay"}, follow_redirects=True, trust_env=False)
    assert done.status_code == 200
    assert "付款成功" in done.text


def test_the_bridge_of_the_in_app_browser(provider, db_app):
    attempt, answer = start("jsapi")
    assert {"appId", "timeStamp", "nonceStr", "package", "signType", "url"} <= answer.params.keys()
    page = httpx.get(answer.params["url"], trust_env=False)
    assert "微信支付" in page.text
    action = re.search(r'action="([^"]+)"', page.text)[1]
    assert press(provider.url + action.replace("&amp;", "&"), "pay").status_code == 303
    assert provider.hears(attempt.out_no)


def test_texts_are_escaped(provider, db_app):
    _, answer = start(purchase_code="<b>&\"'")
    page = httpx.get(answer.url, trust_env=False).text
    assert "<b>" not in page
    assert "&lt;b&gt;&amp;&quot;&#x27;" in page
    assert "<b>" not in httpx.get(provider.url + "/control", trust_env=False).text


@pytest.mark.parametrize("path", ["/pay/unknown", "/nothing", "/bridge/"])
def test_unknown_pages(provider, path):
    assert httpx.get(provider.url + path, trust_env=False).status_code == 404


@pytest.mark.parametrize("path", ["/v1/payments", "/v1/refunds", "/v1/bills", "/v1/payments/close"])
def test_the_api_is_signed(provider, path):
    answer = httpx.post(provider.url + path, content=b"{}", trust_env=False)
    assert (answer.status_code, answer.json()) == (401, {"code": "signature"})


def test_the_control_page_works_by_form(provider, db_app):
    attempt, _ = start()
    page = httpx.get(provider.url + "/control?lang=en", trust_env=False).text
    assert attempt.out_no in page
    wish = {"do": "pay", "out_no": attempt.out_no, "amount_minor": "1000"}
    assert httpx.post(provider.url + "/control?lang=en", data=wish, trust_env=False).status_code == 303
    wish = {"do": "send", "out_no": attempt.out_no, "mode": "forged", "times": "1", "delay": "0"}
    assert httpx.post(provider.url + "/control", data=wish, trust_env=False).status_code == 303
    assert len(provider.hears(attempt.out_no, 2)) == 2
    for wrong in (
        {"do": "send", "out_no": attempt.out_no, "times": "１"},
        {"do": "x"},
        {"do": "set", "name": "y"},
    ):
        assert httpx.post(provider.url + "/control", data=wrong, trust_env=False).status_code == 422


def test_every_word_is_in_both_languages():
    assert all(all(texts) and len(texts) == 2 for texts in words.WORDS.values())
    assert {f"mode_{mode}" for mode in post.MODES} <= words.WORDS.keys()


# --- patience and memory --------------------------------------------------------------------------------------------


@pytest.fixture
def mortal(tmp_path, settings):
    """A provider of the test's own, to be killed."""
    one = Provider(tmp_path / "gateway", free_port(), Ear())
    one.start()
    settings.YUNJU_GATEWAY_URL, settings.YUNJU_GATEWAY_HOME = one.url, one.home
    settings.YUNJU_PUBLIC_URL = one.ear.url
    yield one
    one.stop()
    one.ear.server.shutdown()
    one.ear.server.server_close()


def test_it_tells_until_somebody_says_yes(mortal, db_app):
    attempt, _ = start()
    mortal.ear.status = 500
    mortal.pay(attempt.out_no)
    mortal.hears(attempt.out_no)
    mortal.ear.status = 204
    heard = mortal.hears(attempt.out_no, 2)  # after 5 seconds
    assert heard[0].body == heard[1].body
    assert heard[0].headers["X-Sim-Nonce"] != heard[1].headers["X-Sim-Nonce"]
    until(lambda: mortal.state(attempt.out_no)["notifications"][0]["done_at"] is not None)


def test_a_redirect_is_no_yes(mortal, db_app):
    attempt, _ = start()
    mortal.ear.status = 302
    mortal.pay(attempt.out_no)
    mortal.hears(attempt.out_no)
    until(lambda: mortal.state(attempt.out_no)["notifications"][0]["tries"] == 1)
    assert mortal.state(attempt.out_no)["notifications"][0]["done_at"] is None


def test_kill_9_loses_no_payment_and_no_notification(mortal, db_app):
    told = {}
    for _ in range(6):
        mortal.set("notify_delay", 0.3)
        attempt, _ = start()
        mortal.pay(attempt.out_no)
        mortal.kill()
        assert mortal.ear.about(attempt.out_no) == []
        mortal.start()
        heard = mortal.hears(attempt.out_no)[0]
        told[attempt.out_no] = registry.gateway("simulated").verify(heard.headers, heard.body).amount_minor
    assert set(told.values()) == {1_000}


def test_it_keeps_its_secret_closed(mortal):
    secret = mortal.home / "secret"
    assert secret.stat().st_mode & 0o077 == 0
    before = secret.read_text()
    mortal.kill()
    mortal.start()
    assert secret.read_text() == before
