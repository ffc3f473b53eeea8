"""What an offer pays designers, makers and providers, edited by its supplier on the page of the offer."""

import pytest
from django.test import Client

from tests.factories.catalog import make_offer
from tests.factories.members import make_cluster, make_member
from tests.web.conftest import Browser
from tests.web.market import Market, make_market
from yunju.catalog.models import CommissionRule, Offer, ServiceRole
from yunju.members.models import Capacity
from yunju.members.words import CapacityKind

SHOP = {"shop_bp": "10", "shop_floor_minor": "", "shop_cap_minor": ""}


@pytest.fixture
def market(cluster) -> Market:
    return make_market(cluster)


@pytest.fixture
def designer(cluster):
    return make_member(cluster, capacities=(CapacityKind.DESIGNER,), name="青瓷工作室")


@pytest.fixture
def client(browser: Browser, market: Market) -> Client:
    return browser(market.owner())


def rows(*given: tuple[str, str, str]) -> dict[str, str]:
    """What a browser sends: all five rows, those not given empty."""
    filled = [*given, *[("", "", "")] * (5 - len(given))]
    typed = {}
    for number, (member, role, percent) in enumerate(filled):
        typed |= {f"member_{number}": member, f"role_{number}": role, f"percent_{number}": percent}
    return SHOP | typed


def address(offer: Offer) -> str:
    return f"/m/{offer.supplier.code}/offers/{offer.code}"


def roles_of(offer: Offer) -> list[tuple[str, str, int]]:
    newest = CommissionRule.objects.filter(offer=offer).order_by("-version").first()
    held = ServiceRole.objects.filter(rule=newest).order_by("pk")
    return [(role.role, role.member.name, role.bp) for role in held]


def test_roles_are_added_changed_and_taken_out(client: Client, market: Market, cluster, designer):
    offer = make_offer(market.suppliers[0], price_minor=5_000)
    maker = make_member(cluster, capacities=(CapacityKind.MAKER,))
    typed = rows((designer.name, "designer", "5"), ("", "", ""), (maker.code, "maker", "2.5"))
    assert client.post(f"{address(offer)}/rule", typed).status_code == 302
    assert roles_of(offer) == [("designer", designer.name, 500), ("maker", maker.name, 250)]
    page = client.get(f"{address(offer)}/rule").content.decode()
    assert f'value="{designer.name}"' in page
    assert 'name="member_4"' in page  # two that are held, three that are empty
    typed = rows(("", "", ""), (maker.name, "maker", "3"))
    assert client.post(f"{address(offer)}/rule", typed).status_code == 302
    assert roles_of(offer) == [("maker", maker.name, 300)]


def test_bounds_and_a_payee_that_is_no_longer_admitted_stay(client: Client, market: Market, designer):
    offer = make_offer(market.suppliers[0], price_minor=5_000, roles=[("designer", designer, 500)])
    ServiceRole.objects.filter(rule__offer=offer).update(floor_minor=100, cap_minor=300)
    Capacity.objects.filter(member=designer).update(admitted_at=None)
    assert client.post(f"{address(offer)}/rule", rows((designer.name, "designer", "6"))).status_code == 302
    held = ServiceRole.objects.filter(rule__offer=offer).order_by("-pk").first()
    assert (held.bp, held.floor_minor, held.cap_minor) == (600, 100, 300)


@pytest.mark.parametrize(
    ("row", "field", "words"),
    [
        (("青瓷工作室", "designer", ""), "percent_1", "Please fill this in"),
        (("青瓷工作室", "", "5"), "role_1", "Please fill this in"),
        (("", "designer", "5"), "member_1", "Please fill this in"),
        (("青瓷工作室", "maker", "5"), "member_1", "admitted in this role"),
        (("nobody", "designer", "5"), "member_1", "admitted in this role"),
        (("青瓷工作室", "designer", "0"), "percent_1", "more than 0 percent"),
        (("青瓷工作室", "designer", "91"), "percent_1", "from 0 to 90"),
        (("青瓷工作室", "designer", "lots"), "percent_1", "percentage"),
        (("青瓷工作室", "king", "5"), "role_1", "king"),
        (("青瓷工作室", "designer", "90"), "shop_bp", "more than the whole price"),
    ],
)
def test_faults_stand_at_their_field(client: Client, market: Market, designer, row, field, words):
    offer = make_offer(market.suppliers[0], price_minor=5_000, shop_bp=500)
    answer = client.post(f"{address(offer)}/rule", rows(("", "", ""), row) | {"shop_bp": "20"})
    assert answer.status_code == 422
    assert words in " ".join(answer.context["rule"].errors[field])
    assert f'id="id_{field}_error"' in answer.content.decode()
    assert roles_of(offer) == []


def test_the_same_member_twice_in_a_role_is_told_at_the_second(client: Client, market: Market, designer):
    offer = make_offer(market.suppliers[0], price_minor=5_000)
    twice = rows((designer.name, "designer", "5"), ("", "", ""), (designer.code, "designer", "1"))
    errors = client.post(f"{address(offer)}/rule", twice).context["rule"].errors
    assert list(errors) == ["member_2"]


def test_only_admitted_members_of_this_cluster_are_found(client: Client, market: Market, cluster, designer):
    offer = make_offer(market.suppliers[0], price_minor=5_000)
    stranger = make_member(make_cluster(), capacities=(CapacityKind.DESIGNER,))
    twin = make_member(cluster, capacities=(CapacityKind.DESIGNER,), name=designer.name)
    for typed, words in ((stranger.code, "admitted"), (designer.name, "Several have this name")):
        answer = client.post(f"{address(offer)}/rule", rows((typed, "designer", "5")))
        assert words in " ".join(answer.context["rule"].errors["member_0"])
    assert client.post(f"{address(offer)}/rule", rows((twin.code, "designer", "5"))).status_code == 302
    assert f'value="{twin.code}"' in client.get(f"{address(offer)}/rule").content.decode()
