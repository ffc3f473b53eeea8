"""Codes to phones: what they are bound to, how often, how long, and what nobody learns from them."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories.members import make_cluster, make_user
from yunju.kernel import clock, outbox
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid, Refused, SignInNeeded, TooMany
from yunju.members.actions import codes
from yunju.members.actions.codes import Purpose
from yunju.members.models import MemberEvent, PhoneCode, User
from yunju.members.queries import actor_for, anonymous
from yunju.notices import sending


@pytest.fixture
def cluster(db_app):
    PhoneCode.objects.all().delete()
    return make_cluster()


@pytest.fixture
def browser(cluster) -> Actor:
    return anonymous(cluster.pk, "browser one")


def number(n: int = 0) -> str:
    return f"+86139{User.objects.count() * 100 + n:08}"


def ask(browser: Actor, phone: str, purpose=Purpose.SIGN_IN, **options) -> str:
    """Ask, and look into the text that would be sent."""
    codes.ask_code(phone=phone, purpose=purpose, by=browser, **options)
    waiting = PhoneCode.objects.filter(told_at=None).order_by("-pk").values_list("pk", flat=True)
    (told,) = codes.make_digits(code_ids=list(waiting[:1]))
    assert told.phone == phone
    return told.digits


def wrong(digits: str) -> str:
    return f"{(int(digits) + 1) % 10**6:06}"


def check(browser: Actor, phone: str, digits: str, purpose=Purpose.SIGN_IN) -> bool:
    try:
        return codes.check_code(phone=phone, purpose=purpose, digits=digits, by=browser) == phone
    except Invalid as refusal:
        if (refusal.code, refusal.field) != ("members.code_wrong", "code"):
            raise
        return False


def test_a_right_code_is_good_once(browser):
    phone = number()
    digits = ask(browser, phone)
    assert (len(digits), digits.isdigit()) == (6, True)
    assert check(browser, phone, f" {digits[:3]} {digits[3:]} "), "as people paste it"
    assert not check(browser, phone, digits)


def test_a_code_is_bound_to_number_purpose_and_browser(browser, cluster):
    phone, other = number(), number(1)
    digits = ask(browser, phone)
    assert not check(anonymous(cluster.pk, "browser two"), phone, digits)
    assert not check(Actor(cluster_id=cluster.pk), phone, digits)
    assert not check(browser, phone, digits, Purpose.AFTER_SALE)
    assert not check(browser, other, digits)
    assert check(browser, phone, digits)


def test_only_the_last_code_counts(browser):
    phone = number()
    first = ask(browser, phone)
    with clock.at(clock.now() + timedelta(seconds=61)):
        second = ask(browser, phone)
        if first != second:
            assert not check(browser, phone, first)
        assert check(browser, phone, second)


def test_five_minutes_and_five_tries(browser):
    late, guessed = number(), number(1)
    digits = ask(browser, late)
    with clock.at(clock.now() + timedelta(minutes=5)):
        assert not check(browser, late, digits)
    digits = ask(browser, guessed)
    for _ in range(codes.TRIES):
        assert not check(browser, guessed, wrong(digits))
    assert not check(browser, guessed, digits)
    assert PhoneCode.objects.get(browser=browser.holder, tries=5).used_at is None


def test_many_guesses_at_once_are_five(browser):
    phone = number()
    digits = ask(browser, phone)
    answers = []

    def guess(n: int) -> None:
        answers.append(check(browser, phone, wrong(digits)))
        connection.close()

    threads = [threading.Thread(target=guess, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [False] * 12
    assert PhoneCode.objects.get(browser=browser.holder).tries == 5
    assert not check(browser, phone, digits)


def test_two_who_are_right_at_once_are_one(browser):
    phone = number()
    digits = ask(browser, phone)
    answers = []

    def enter() -> None:
        answers.append(check(browser, phone, digits))
        connection.close()

    threads = [threading.Thread(target=enter) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [False] * 5 + [True]


def test_once_a_minute_five_an_hour_ten_a_day(browser):
    phone, at = number(), clock.now()
    taken, refused = [], set()
    for minute in range(0, 24 * 60, 2):
        with clock.at(at + timedelta(minutes=minute)):
            try:
                ask(browser, phone)
                taken.append(minute)
            except TooMany as limit:
                refused.add((limit.code, int(limit.params["seconds"]) >= 1))
    assert refused == {("members.code_wait", True)}
    assert taken == [0, 2, 4, 6, 8, 60, 62, 64, 66, 68]
    with clock.at(at + timedelta(seconds=30)):
        ask(browser, number(1))


def test_a_thousand_requests_at_once_are_one_text(browser):
    phone, said = number(), []

    def bomb(n: int) -> None:
        try:
            codes.ask_code(phone=phone, purpose=Purpose.SIGN_IN, by=anonymous(browser.cluster_id, f"bot {n}"))
            said.append("taken")
        except TooMany as limit:
            said.append(limit.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=bomb, args=(n,)) for n in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["members.code_wait"] * 23 + ["taken"]


def test_a_neighbourhood_and_a_day_have_budgets(browser, settings, monkeypatch):
    monkeypatch.setattr(codes, "PER_NEIGHBOURHOOD", ((timedelta(hours=1), 2),))
    for n in range(2):
        ask(browser, number(n), address=f"203.0.113.{n}")
    with pytest.raises(TooMany, match=r"members\.code_nearby"):
        ask(browser, number(3), address="203.0.113.200")
    ask(browser, number(4), address="203.0.114.1")
    ask(browser, number(5), address="2001:db8:1::1")
    ask(browser, number(6), address="2001:db8:1:2::1")
    with pytest.raises(TooMany, match=r"members\.code_nearby"):
        ask(browser, number(7), address="2001:db8:1:3::1")
    settings.YUNJU_CODES_PER_DAY = PhoneCode.objects.count()
    with pytest.raises(TooMany, match=r"members\.code_budget"):
        ask(browser, number(8))
    assert not PhoneCode.objects.filter(near__contains="203.0").exists()


def test_mainland_numbers_only_unless_it_is_set_up(browser, settings):
    with pytest.raises(Invalid, match=r"members\.phone_abroad"):
        ask(browser, "+14155550123")
    with pytest.raises(Invalid, match=r"members\.phone_form"):
        ask(browser, "12345")
    assert not PhoneCode.objects.filter(browser=browser.holder).exists()
    settings.YUNJU_CODES_ABROAD = True
    ask(browser, "+14155550123")


def test_neither_digits_nor_number_stand_in_a_row_or_an_event(browser):
    phone = number()
    digits = ask(browser, phone)
    row = PhoneCode.objects.get(browser=browser.holder)
    seen = [str(value) for value in vars(row).values()] + [
        str(bytes(row.phone_cipher)),
        str(bytes(row.phone_index)),
    ]
    assert not any(phone[3:] in text or text == digits for text in seen)
    assert bytes(row.phone_cipher) == b""


def test_digits_are_made_once(browser):
    codes.ask_code(phone=number(), purpose=Purpose.SIGN_IN, by=browser)
    (code,) = PhoneCode.objects.filter(browser=browser.holder)
    assert len(codes.make_digits(code_ids=[code.pk])) == 1
    assert codes.make_digits(code_ids=[code.pk]) == []


def test_asking_and_failing_is_the_same_work_with_and_without_an_account(browser, cluster):
    """Statements are counted, not seconds: what differs in work would differ in time."""
    known, unknown = number(), number(1)
    make_user(phone=known, phone_verified_at=clock.now())

    def asked(phone: str) -> list[str]:
        with CaptureQueriesContext(connection) as seen:
            codes.ask_code(phone=phone, purpose=Purpose.SIGN_IN, by=browser)
        return [one["sql"].split()[0] for one in seen]

    def failed(phone: str) -> list[str]:
        with CaptureQueriesContext(connection) as seen, pytest.raises(Invalid):
            codes.sign_in_by_code(phone=phone, digits="x", by=browser)
        return [one["sql"].split()[0] for one in seen]

    assert asked(known) == asked(unknown)
    assert failed(known) == failed(unknown)


def test_a_new_number_makes_an_account_and_a_known_one_is_signed_in(browser):
    phone = number()
    made = codes.sign_in_by_code(phone=phone, digits=ask(browser, phone), by=browser, language="en")
    assert (made.email, made.phone, made.language, made.has_usable_password()) == (None, phone, "en", False)
    assert MemberEvent.objects.filter(what="user.signed_up", params__user_id=made.pk).exists()
    with clock.at(clock.now() + timedelta(minutes=2)):
        again = codes.sign_in_by_code(phone=phone, digits=ask(browser, phone), by=browser)
    assert again == made


def test_a_number_that_was_only_typed_signs_nobody_in(browser):
    phone = number()
    typed = make_user(phone=phone)
    made = codes.sign_in_by_code(phone=phone, digits=ask(browser, phone), by=browser)
    assert made != typed


def test_a_closed_account_is_answered_like_a_wrong_code(browser):
    phone = number()
    make_user(phone=phone, phone_verified_at=clock.now(), is_active=False)
    with pytest.raises(Invalid, match=r"members\.code_wrong"):
        codes.sign_in_by_code(phone=phone, digits=ask(browser, phone), by=browser)


def test_another_number_ends_all_sessions_and_is_unique(browser, cluster):
    user, new = make_user(), number()
    actor = actor_for(user, cluster, holder=browser.holder)
    epoch = user.session_epoch
    changed = codes.change_phone(phone=new, digits=ask(actor, new, Purpose.PHONE_NEW), by=actor)
    assert (changed.phone, changed.session_epoch) == (new, epoch + 1)
    assert changed.phone_verified_at is not None
    other = actor_for(make_user(), cluster, holder=browser.holder)
    with clock.at(clock.now() + timedelta(minutes=2)):
        with pytest.raises(Refused, match=r"members\.phone_taken"):
            codes.change_phone(phone=new, digits=ask(other, new, Purpose.PHONE_NEW), by=other)
        with pytest.raises(SignInNeeded):
            codes.change_phone(phone=new, digits="1", by=browser)


def test_a_wrong_code_changes_no_number(browser, cluster):
    user, new = make_user(), number()
    actor = actor_for(user, cluster, holder=browser.holder)
    digits = ask(actor, new, Purpose.PHONE_NEW)
    with pytest.raises(Invalid):
        codes.change_phone(phone=new, digits=wrong(digits), by=actor)
    user.refresh_from_db()
    assert (user.phone, user.phone_verified_at) == ("", None)


def test_old_codes_are_forgotten(browser):
    ask(browser, number())
    codes.forget_codes()
    assert PhoneCode.objects.filter(browser=browser.holder).exists()
    with clock.at(clock.now() + timedelta(days=2, minutes=1)):
        codes.forget_codes()
    assert not PhoneCode.objects.filter(browser=browser.holder).exists()


def test_the_text_leaves_through_the_outbox_with_the_digits(browser, settings, tmp_path):
    settings.YUNJU_HOME = tmp_path
    phone = number()
    codes.ask_code(phone=phone, purpose=Purpose.SIGN_IN, by=browser, language="en")
    while outbox.drain():
        pass
    from_text = _texted(tmp_path, phone)
    assert check(browser, phone, from_text)


def _texted(folder, phone: str) -> str:
    while sending.send_due():
        pass
    lines = (folder / "texts.log").read_text().splitlines()
    (line,) = [one for one in lines if phone[-4:] in one]
    return line.split("】")[1].split(" ")[0]
