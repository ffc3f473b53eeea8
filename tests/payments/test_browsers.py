"""Which way of paying a browser is asked for."""

import pytest

from yunju.payments.browsers import answer_kind

WECHAT = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 MicroMessenger/8.0.54"
WECHAT_DESK = (
    "Mozilla/5.0 (Windows NT 10.0) Chrome/122 Safari/537.36 NetType/WIFI MicroMessenger/7.0.20 WindowsWechat"
)
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1"
ANDROID = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/131.0 Mobile Safari/537.36"
HARMONY = "Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 Chrome/114 Safari/537.36 ArkWeb/4.1.6.1"
ALIPAY = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Mobile Safari/537.36 AlipayClient/10.6.50"
DESK = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36"


@pytest.mark.parametrize(
    ("agent", "kind"),
    [
        (WECHAT, "jsapi"),
        (WECHAT_DESK, "jsapi"),
        (IPHONE, "redirect"),
        (ANDROID, "redirect"),
        (HARMONY, "redirect"),
        (ALIPAY, "redirect"),
        (DESK, "qr"),
        ("curl/8.5", "qr"),
        ("", "qr"),
    ],
)
def test_the_browser_decides(agent, kind):
    assert answer_kind(agent) == kind
