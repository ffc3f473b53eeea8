"""Back to an order without account: link, four digits, few tries; and a code before money is asked back."""

import io
import secrets
from datetime import timedelta

import pytest
from django.core.files.storage import storages
from PIL import Image

from tests.factories.markets import stranger
from tests.factories.members import make_user
from tests.talks.scene import DAY, START, Scene
from yunju.kernel import clock, outbox
from yunju.kernel.errors import Forbidden, Invalid, NotFound, Refused, SignInNeeded
from yunju.members.actions import codes
from yunju.members.models import PhoneCode
from yunju.orders.actions import cases, claims, doors
from yunju.orders.after_sale import Claim
from yunju.orders.models import Case, CasePhoto, Contact, PurchaseDoor, PurchaseKey
from yunju.orders.queries import order_visible_to, orders_visible_to
from yunju.orders.queries.doors import needs_phone, with_keys

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("db_app")]


@pytest.fixture
def scene() -> Scene:
    """With a phone of its own: codes are counted by number, over all tests."""
    made = Scene()
    Contact.objects.filter(order_id=made.order_id).update(phone=f"138{secrets.randbelow(10**4):04}8000")
    return made


def knock(scene: Scene, digits: str, by, at=START) -> bool:
    with clock.at(at):
        try:
            doors.open_door(purchase_id=scene.order.purchase_id, digits=digits, by=by)
        except Refused as refusal:
            if refusal == Refused("order.door"):  # every refusal says the same
                return False
            raise
        return True


def claim(scene: Scene, **fields) -> Claim:
    return Claim("refund", {scene.line.pk: 1}, "damaged", **fields)


def test_the_last_four_digits_open_it_for_this_browser_alone(scene: Scene):
    visitor = stranger(scene.market)
    assert not orders_visible_to(with_keys(visitor)).exists()
    assert knock(scene, "8000", visitor)
    assert order_visible_to(with_keys(visitor), scene.order.code).pk == scene.order_id
    assert not orders_visible_to(with_keys(stranger(scene.market))).exists()


def test_a_key_opens_one_purchase_not_all_of_the_browser_it_came_from(scene: Scene):
    other = Scene(by=None)
    visitor = stranger(scene.market)
    assert knock(scene, "8000", visitor)
    with pytest.raises(NotFound):
        order_visible_to(with_keys(visitor), other.order.code)


@pytest.mark.parametrize("digits", ["0008", "", "80000", "800", "８０００", "8000'", "abcd"])
def test_wrong_digits_open_nothing(scene: Scene, digits: str):
    assert not knock(scene, digits, stranger(scene.market))
    assert not PurchaseKey.objects.filter(purchase_id=scene.order.purchase_id).exists()
    assert PurchaseDoor.objects.get(purchase_id=scene.order.purchase_id).wrong == 1


def test_after_five_wrong_tries_of_anybody_it_stays_closed_for_an_hour(scene: Scene):
    for _ in range(doors.MOST_WRONG):
        assert not knock(scene, "0000", stranger(scene.market))
    right = stranger(scene.market)
    assert not knock(scene, "8000", right, START + timedelta(minutes=59))
    assert knock(scene, "8000", right, START + timedelta(hours=1))


def test_thirty_guesses_are_all_that_a_stranger_ever_has(scene: Scene):
    """As fast as the limits let him, over sixty days: 10 a day, 30 in all, and nothing afterwards, right or wrong."""
    scene_phone = Contact.objects.get(order_id=scene.order_id).phone
    judged, guess = [], 0
    for hour in range(24 * 60):
        for _ in range(doors.MOST_WRONG + 1):
            before = PurchaseDoor.objects.filter(purchase_id=scene.order.purchase_id).values_list(
                "wrong_in_all"
            )
            tries = next(iter(before), (0,))[0]
            assert not knock(scene, f"{guess:04}", stranger(scene.market), START + timedelta(hours=hour))
            if PurchaseDoor.objects.get(purchase_id=scene.order.purchase_id).wrong_in_all > tries:
                judged.append(hour)
                guess += 1
            else:
                break
        if len(judged) >= doors.MOST_IN_ALL and hour > 24 * 5:
            break
    assert len(judged) == doors.MOST_IN_ALL
    by_day = [sum(1 for hour in judged if hour // 24 == day) for day in range(4)]
    assert by_day == [10, 10, 10, 0]
    late = START + timedelta(days=400)
    assert not knock(scene, scene_phone[-4:], stranger(scene.market), late), "digits open it no more"


def close(scene: Scene) -> None:
    for _ in range(doors.MOST_WRONG):
        assert not knock(scene, "0000", stranger(scene.market), clock.now())


def test_while_digits_are_closed_a_code_to_the_phone_opens(scene: Scene):
    owner, thief = stranger(scene.market), stranger(scene.market)
    with pytest.raises(Refused, match=r"order\.door"):
        doors.send_code(purchase_id=scene.order.purchase_id, by=owner)
    assert not PhoneCode.objects.filter(browser=owner.holder).exists(), "digits still open it"
    close(scene)
    doors.send_code(purchase_id=scene.order.purchase_id, by=owner)
    digits = told(scene, owner)
    for who, typed in ((thief, digits), (owner, "000000x"), (owner, "")):
        with pytest.raises(Invalid, match=r"members\.code_wrong"):
            doors.open_by_code(purchase_id=scene.order.purchase_id, digits=typed, by=who)
    assert not PurchaseKey.objects.filter(purchase_id=scene.order.purchase_id).exists()
    doors.open_by_code(purchase_id=scene.order.purchase_id, digits=digits, by=owner)
    assert order_visible_to(with_keys(owner), scene.order.code).pk == scene.order_id
    assert not needs_phone(scene.order.purchase), "the phone is proved for what comes after"
    assert not orders_visible_to(with_keys(thief)).exists()


def test_a_code_for_the_door_is_good_for_nothing_else(scene: Scene):
    owner = stranger(scene.market)
    close(scene)
    doors.send_code(purchase_id=scene.order.purchase_id, by=owner)
    phone, digits = Contact.objects.get(order_id=scene.order_id).phone, told(scene, owner)
    with pytest.raises(Invalid, match=r"members\.code_wrong"):
        codes.sign_in_by_code(phone=phone, digits=digits, by=owner)


@pytest.mark.parametrize("phone", ["0571-88888000", "+14155558000"])
def test_a_closed_door_whose_phone_takes_no_code_stays_closed(scene: Scene, phone: str):
    Contact.objects.filter(order_id=scene.order_id).update(phone=phone)
    close(scene)
    with pytest.raises(Refused, match=r"order\.door"):
        doors.send_code(purchase_id=scene.order.purchase_id, by=stranger(scene.market))


def test_an_order_of_an_account_is_opened_by_signing_in(scene: Scene):
    purchase = scene.order.purchase
    type(purchase).objects.filter(pk=purchase.pk).update(user_id=make_user().pk, holder="")
    with pytest.raises(SignInNeeded):
        doors.open_door(purchase_id=purchase.pk, digits="8000", by=stranger(scene.market))
    PurchaseKey.objects.create(
        cluster_id=purchase.cluster_id, purchase_id=purchase.pk, holder="h" * 32, opened_at=START
    )
    thief = with_keys(type(scene.buyer)(cluster_id=purchase.cluster_id, holder="h" * 32))
    assert not orders_visible_to(thief).exists(), "a key from before does not outlive the change of hands"


def test_an_erased_contact_opens_to_nobody(scene: Scene):
    Contact.objects.filter(order_id=scene.order_id).update(phone="", erased_at=START)
    assert not knock(scene, "8000", stranger(scene.market))
    assert not knock(scene, "", stranger(scene.market))


# --- the first request after the sale ----------------------------------------------------------------------------


def told(scene: Scene, by) -> str:
    """The digits as the sender gets them."""
    waiting = PhoneCode.objects.filter(browser=by.holder, told_at=None).order_by("pk")
    return codes.make_digits(code_ids=[one.pk for one in waiting])[-1].digits


def prove(scene: Scene, by) -> None:
    claims.send_code(order_id=scene.order_id, by=by)
    claims.prove_phone(order_id=scene.order_id, digits=told(scene, by), by=by)


def test_without_account_the_phone_is_proved_once_before_money_is_asked_back(scene: Scene):
    with pytest.raises(Refused, match=r"case\.phone_first"):
        claims.ask(order_id=scene.order_id, claim=claim(scene), by=scene.buyer)
    claims.send_code(order_id=scene.order_id, by=scene.buyer)
    with pytest.raises(Invalid, match=r"members\.code_wrong"):
        claims.prove_phone(order_id=scene.order_id, digits="000000x", by=scene.buyer)
    assert needs_phone(scene.order.purchase)
    claims.prove_phone(order_id=scene.order_id, digits=told(scene, scene.buyer), by=scene.buyer)
    claims.ask(order_id=scene.order_id, claim=claim(scene), by=scene.buyer)
    assert Case.objects.get(order_id=scene.order_id).state == "asked"
    with pytest.raises(Refused, match=r"case\.no_phone"):
        claims.send_code(order_id=scene.order_id, by=scene.buyer)


def test_a_browser_with_a_key_claims_after_the_code(scene: Scene):
    visitor = stranger(scene.market)
    assert knock(scene, "8000", visitor)
    visitor = with_keys(visitor)
    prove(scene, visitor)
    claims.ask(order_id=scene.order_id, claim=claim(scene), by=visitor)
    assert Case.objects.filter(order_id=scene.order_id).exists()


def test_strangers_neither_ask_for_a_code_nor_claim(scene: Scene):
    for actor in (stranger(scene.market), scene.somebody, scene.keeper, scene.other_supplier):
        with pytest.raises(NotFound):
            claims.send_code(order_id=scene.order_id, by=actor)
        with pytest.raises(NotFound):
            claims.ask(order_id=scene.order_id, claim=claim(scene), by=actor)
    for actor in (scene.supplier, scene.operator):
        with pytest.raises(Forbidden):
            claims.ask(order_id=scene.order_id, claim=claim(scene), by=actor)
    assert not Case.objects.filter(order_id=scene.order_id).exists()
    assert not PhoneCode.objects.filter(cluster_id=scene.market.cluster.pk).exists()


@pytest.mark.parametrize("phone", ["0571-88886666", "+14155552671"])
def test_a_phone_that_takes_no_code_is_not_asked_for_one(scene: Scene, phone: str):
    Contact.objects.filter(order_id=scene.order_id).update(phone=phone)
    assert not needs_phone(scene.order.purchase)


def test_photos_are_private_and_vanish_with_a_refused_claim(scene: Scene):
    def photo() -> io.BytesIO:
        written = io.BytesIO()
        Image.new("RGB", (64, 48), "red").save(written, "JPEG")
        written.seek(0)
        return written

    prove(scene, scene.buyer)
    with pytest.raises(Invalid):
        claims.ask(
            order_id=scene.order_id, claim=Claim("refund", {}, "damaged"), photos=[photo()], by=scene.buyer
        )
    folder = f"cases/{scene.order.code}"
    assert storages["private"].listdir(folder) == ([], [])
    with pytest.raises(Invalid, match=r"picture\.too_many"):
        claims.ask(order_id=scene.order_id, claim=claim(scene), photos=[photo()] * 7, by=scene.buyer)
    claims.ask(order_id=scene.order_id, claim=claim(scene), photos=[photo(), photo()], by=scene.buyer)
    rows = CasePhoto.objects.filter(case__order_id=scene.order_id).order_by("position")
    assert [row.position for row in rows] == [1, 2]
    assert all(storages["private"].exists(row.name) for row in rows)
    assert all(not storages["default"].exists(row.name) for row in rows)


def test_the_case_of_a_test_is_still_opened_by_the_software(scene: Scene):
    """`cases.open_case` is the inner door: demo data and replays have no phones to prove."""
    with clock.at(START + DAY):
        assert cases.open_case(order_id=scene.order_id, claim=claim(scene), by=scene.buyer).state == "asked"
    outbox.drain()
