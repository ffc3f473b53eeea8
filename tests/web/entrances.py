"""How a person in a test comes in by phone: the text is read where the stand-in shows it."""

import re

from django.test import Client

from yunju.kernel import outbox
from yunju.members.models import PhoneCode
from yunju.notices import sending
from yunju.notices.models import Delivery, ShownText

WECHAT = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
    " MicroMessenger/8.0.50(0x1800323d) NetType/WIFI Language/zh_CN"
)
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Version/17.0 Mobile Safari/604.1"


def quiet_phones() -> None:
    """No limit and no message of another test counts here."""
    PhoneCode.objects.all().delete()
    ShownText.objects.all().delete()
    Delivery.objects.filter(state="waiting").update(state="dropped")


def told_and_sent() -> None:
    """All that waits is told and sent, that of earlier tests too: a call tells one topic of one cluster."""
    while outbox.drain():
        pass
    while sending.send_due():
        pass


def texted(cluster) -> str:
    """What the worker does, then the digits of the newest text."""
    told_and_sent()
    shown = ShownText.objects.filter(cluster_id=cluster.pk).latest("id")
    found = re.search(r"】.*?(\d{6})", shown.words)  # the name of the cluster comes before
    assert found, shown.words
    return found[1]


def by_phone(client: Client, cluster, phone: str, to: str = ""):
    """Sign in by a code; the answer to the digits."""
    asked = client.post("/sign-in", {"phone": phone, "next": to})
    assert asked["Location"] == "/sign-in/code", asked.content.decode()[-2000:]
    return client.post("/sign-in/code", {"code": texted(cluster)})
