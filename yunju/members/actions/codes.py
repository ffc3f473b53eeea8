"""Codes to phones: six digits, five minutes, five tries, one use, bound to the number, the purpose and the browser.

Asking does the same work for every number: whether it has an account is looked at only when the code is right. The digits
are made when the text is sent, by the worker, and kept as a keyed hash. Limits are counted under a lock, so that a
thousand requests at once are as limited as one after the other (SECURITY #34-#36; why not django-allauth: ADR 0009).
"""

import base64
import hmac
import ipaddress
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.crypto import salted_hmac
from msgspec.structs import replace

from yunju.kernel import clock, outbox, sql
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid, Refused, TooMany
from yunju.members import crypto, inputs, policy
from yunju.members.actions.papers import AT_SIGN_UP, accept
from yunju.members.actions.steps import action, end_sessions, lock_user, note
from yunju.members.models import PhoneCode, User

TOPIC = "code.asked"
CHANGED_TOPIC, CHANGED_ABOUT = "phone.changed", "phone-changed"
DIGITS = 6
VALID = timedelta(minutes=5)
TRIES = 5
ABOUT = "phone-code"
PER_NUMBER = ((timedelta(minutes=1), 1), (timedelta(hours=1), 5), (timedelta(days=1), 10))
PER_NEIGHBOURHOOD = ((timedelta(hours=1), 60), (timedelta(days=1), 300))
"""Per /24 (IPv6: /48): mobile carriers put many phones behind few addresses."""

KEPT = timedelta(days=2)
_NUMBER_LOCK, _DAY_LOCK = 0x796B, 0x796C


class Purpose(StrEnum):
    """What a code is good for; it is good for nothing else."""

    SIGN_IN = "sign_in"
    AFTER_SALE = "after_sale"
    ORDER_DOOR = "order_door"
    PHONE_OLD = "phone_old"
    PHONE_NEW = "phone_new"
    INVITED = "invited"


@dataclass(frozen=True, slots=True)
class Telling:
    """What the text to a phone says. Lives only in the transaction that hands it to the sender."""

    cluster_id: int
    phone: str
    digits: str
    language: str
    expires_at: datetime


def ask_code(
    *, phone: str, purpose: Purpose | str, by: Actor, language: str = "zh-hans", address: str = ""
) -> str:
    """Have a code sent to `phone` for the browser of `by` (its `holder`). Returns the number as it is kept.

    The answer is the same whether anybody has an account with it. `address` is the network address that asks.
    """
    number = inputs.phone(phone)
    if not number.startswith("+86") and not settings.YUNJU_CODES_ABROAD:
        raise Invalid("members.phone_abroad", field="phone")
    assert by.holder, "a code belongs to a browser"
    _ask(number, Purpose(purpose), by, language, _neighbourhood(address))
    return number


def check_code(*, phone: str, purpose: Purpose | str, digits: str, by: Actor) -> str:
    """The number when the digits are the ones that were sent for this purpose to this browser; they are used up then.

    Everything else is one refusal: wrong, too late, too often tried, used, asked from another browser, never asked.
    """
    number = inputs.phone(phone)
    typed = "".join(str(digits).split())
    if not _try(number, Purpose(purpose), typed, by):
        raise Invalid("members.code_wrong", field="code")
    return number


def sign_in_by_code(
    *, phone: str, digits: str, by: Actor, language: str = "zh-hans", purpose: Purpose = Purpose.SIGN_IN
) -> User:
    """Who has shown that the number is theirs: its account, or a new one. A closed account is answered like a wrong code."""
    number = check_code(phone=phone, purpose=purpose, digits=digits, by=by)
    user = _account(number, language, by)
    if not user.is_active:
        raise Invalid("members.code_wrong", field="code")
    return user


def change_phone(*, phone: str, digits: str, by: Actor) -> User:
    """Another number for the account, shown by a code to it. All sessions end; the page puts its own on the new epoch.

    The old number is told by text, and who is paid stays as it is for a day (`waking.WAIT`).
    Before that the page has asked for a code to the old number, or for the password (`members.sessions.is_fresh`).
    """
    user_id = policy.person(by)
    number = check_code(phone=phone, purpose=Purpose.PHONE_NEW, digits=digits, by=by)
    try:
        return _set_phone(user_id, number, by)
    except IntegrityError as error:
        # The person has shown that the number is theirs: they may know that another account of theirs has it.
        raise Refused("members.phone_taken", field="phone") from error


@transaction.atomic
def make_digits(*, code_ids: Sequence[int]) -> list[Telling]:
    """Make the digits of codes that wait to be sent, inside the caller's transaction, which hands them to the sender."""
    at = clock.now()
    waiting = PhoneCode.objects.select_for_update().filter(
        pk__in=code_ids, told_at=None, used_at=None, expires_at__gt=at
    )
    told = []
    for code in waiting.order_by("pk"):
        digits = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
        phone = crypto.unseal(code.phone_cipher, about=ABOUT)
        told.append(Telling(code.cluster_id, phone, digits, code.language, code.expires_at))
        code.digits_hash, code.told_at, code.phone_cipher = _hash(code, digits), at, b""
        code.save(update_fields=["digits_hash", "told_at", "phone_cipher"])
    return told


def old_number(payload: Mapping[str, str]) -> str:
    """The number that an account had before, out of the event of its change: for the text that tells it, and nothing else."""
    return crypto.unseal(base64.b64decode(payload["sealed"]), about=CHANGED_ABOUT)


def forget_codes() -> int:
    """Delete codes that no limit counts any more, in batches."""
    old = PhoneCode.objects.filter(asked_at__lt=clock.now() - KEPT).order_by("pk").values("pk")[:1_000]
    return PhoneCode.objects.filter(pk__in=old).delete()[0]


@action
def _ask(number: str, purpose: Purpose, by: Actor, language: str, near: str) -> None:
    at = clock.now()
    index = crypto.blind_index(number)
    # One asker at a time for a number; the locks are taken in one order by everybody.
    sql.fetch("SELECT pg_advisory_xact_lock(%s, %s)", [_NUMBER_LOCK, int.from_bytes(index[:3], "big")])
    mine = PhoneCode.objects.filter(phone_index__in=crypto.blind_indexes(number))
    for span, most in PER_NUMBER:
        asked = mine.filter(asked_at__gt=at - span).order_by("-asked_at").values_list("asked_at", flat=True)
        moments = list(asked[:most])
        if len(moments) >= most:
            raise TooMany("members.code_wait", seconds=max(1, int((moments[-1] + span - at).total_seconds())))
    sql.fetch("SELECT pg_advisory_xact_lock(%s, %s)", [_DAY_LOCK, 0])
    if near:
        nearby = PhoneCode.objects.filter(near=near)
        if any(nearby.filter(asked_at__gt=at - span).count() >= most for span, most in PER_NEIGHBOURHOOD):
            raise TooMany("members.code_nearby")
    today = PhoneCode.objects.filter(asked_at__gt=at - timedelta(days=1))
    if today.count() >= settings.YUNJU_CODES_PER_DAY:
        raise TooMany("members.code_budget")
    code = PhoneCode.objects.create(
        cluster_id=by.cluster_id,
        purpose=purpose,
        browser=by.holder,
        phone_index=index,
        phone_cipher=crypto.seal(number, about=ABOUT),
        near=near,
        language=language,
        asked_at=at,
        expires_at=at + VALID,
    )
    outbox.write([outbox.Event(by.cluster_id, TOPIC, code.pk, {})])


def _try(number: str, purpose: Purpose, typed: str, by: Actor) -> bool:
    """Count the try before it is judged, in a transaction of its own: a refusal must not take the count back."""
    with transaction.atomic():
        code = (
            PhoneCode.objects.select_for_update()
            .filter(browser=by.holder, purpose=purpose, phone_index__in=crypto.blind_indexes(number))
            .order_by("-pk")
            .first()
        )
        expected = _hash(code, typed) if code else _hash(PhoneCode(pk=0), typed)
        kept = code.digits_hash if code else "none"
        fits = hmac.compare_digest(expected, kept)
        if code is None or not by.holder or code.used_at is not None or code.expires_at <= clock.now():
            return False
        if code.tries >= TRIES:
            return False
        PhoneCode.objects.filter(pk=code.pk).update(
            tries=F("tries") + 1, used_at=clock.now() if fits else None
        )
        return fits


def _hash(code: PhoneCode, digits: str) -> str:
    return salted_hmac("yunju.members.code", f"{code.pk}:{digits}", algorithm="sha256").hexdigest()


def _account(number: str, language: str, by: Actor) -> User:
    found = User.objects.filter(phone=number, phone_verified_at__isnull=False)
    user = found.first()
    if user is not None:
        return user
    try:
        return _new_account(number, language, by)
    except IntegrityError:
        return found.get()  # two windows of one person were right at the same moment


@action
def _new_account(number: str, language: str, by: Actor) -> User:
    at = clock.now()
    user = User(email=None, phone=number, phone_verified_at=at, language=language, joined_at=at)
    user.set_unusable_password()
    with transaction.atomic():
        user.save(force_insert=True)
    accept(kinds=AT_SIGN_UP, at_step="sign_up", by=replace(by, kind="user", user_id=user.pk))
    note(by, "user.signed_up", user_id=user.pk, way="code")
    return user


@action
def _set_phone(user_id: int, number: str, by: Actor) -> User:
    user = lock_user(user_id)
    at, old = clock.now(), user.phone if user.phone_verified_at else ""
    user.phone, user.phone_verified_at = number, at
    if old and old != number:
        user.phone_changed_at = at
        sealed = crypto.seal(old, about=CHANGED_ABOUT)
        payload = {"sealed": base64.b64encode(sealed).decode(), "language": user.language}
        outbox.write([outbox.Event(by.cluster_id, CHANGED_TOPIC, user.pk, payload)])
    user.save(update_fields=["phone", "phone_verified_at", "phone_changed_at"])
    end_sessions(user_id)
    note(by, "user.phone_changed", user_id=user_id, before="verified" if old else "none")
    user.refresh_from_db()
    return user


def _neighbourhood(address: str) -> str:
    """The /24 (IPv6: /48) of an address, as a keyed hash; empty when there is none to speak of."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    network = ipaddress.ip_network(f"{address}/{24 if found.version == 4 else 48}", strict=False)
    return salted_hmac("yunju.members.near", str(network), algorithm="sha256").hexdigest()
