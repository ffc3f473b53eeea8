"""Logins: signing up, passwords, the person's own name, phone and language."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from msgspec.structs import replace

from yunju.kernel import clock, outbox
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid, InvalidMany, Refused
from yunju.members import inputs, policy, waking
from yunju.members.actions.papers import AT_SIGN_UP, accept
from yunju.members.actions.steps import action, end_sessions, lock_user, note
from yunju.members.models import User
from yunju.members.words import Permission

FIRST_TOPIC = "password.set"
PASSWORD_CODES = {
    "password_too_short": "members.password_too_short",
    "password_too_common": "members.password_too_common",
    "password_entirely_numeric": "members.password_too_common",
    "password_too_similar": "members.password_too_similar",
}
PASSWORD_MOST = 256
"""Longer ones only make the hashing slow."""


@dataclass(frozen=True, slots=True)
class UserDraft:
    """What somebody types to get an account. Only the software gives a `phone` with it, which then counts as shown."""

    email: str
    password: str = ""
    name: str = ""
    language: str = "zh-hans"
    phone: str = ""


def sign_up(*, email: str, password: str, name: str = "", language: str = "zh-hans", by: Actor) -> None:
    """Make an account, open to everybody. The answer is the same when the address has one already.

    The page then tries to sign in with what was typed: that tells an owner nothing new and a stranger nothing at all.
    """
    draft = _checked(UserDraft(email=email, password=password, name=name, language=language))
    _make_if_new(draft, make_password(draft.password), by)


def make_user(*, draft: UserDraft, by: Actor) -> User:
    """Make an account for somebody else: the operator or the software, who are told when the address is taken.

    Without a password nobody signs in with one: the person comes in by a code to the phone, or not at all.
    """
    policy.for_cluster(by, Permission.CLUSTER_ADMIT)
    if draft.phone:
        policy.software(by)
    draft = _checked(draft, needs_password=bool(draft.password))
    user = _make_if_new(draft, make_password(draft.password or None), by)
    if user is None:
        raise Refused("members.email_taken", field="email")
    return user


@action
def change_password(*, old: str, new: str, by: Actor) -> User:
    """Set another password; every session ends. The page puts its own session on the new epoch with what is returned."""
    user = lock_user(policy.person(by))
    if not user.check_password(old):
        raise Invalid("members.password_wrong", field="old_password")
    user.password = make_password(_password(new, user, field="new_password"))
    user.save(update_fields=["password"])
    end_sessions(user.pk)
    note(by, "user.password_changed", user_id=user.pk)
    user.refresh_from_db()
    return user


@action
def set_first_password(*, new: str, by: Actor) -> User:
    """A password for an account that came in by phone and has none. Every session ends, as with a change.

    The page has asked for a fresh code before. Where the account has powers already, they sleep on for a day, and its
    person is told: whoever holds a stolen phone could set one too (`members.waking`).
    """
    user = lock_user(policy.person(by))
    if user.has_usable_password():
        raise Refused("members.password_there", field="new_password")
    user.password = make_password(_password(new, user, field="new_password"))
    user.password_ripens_at = waking.ripens_at(user, clock.now())
    user.save(update_fields=["password", "password_ripens_at"])
    end_sessions(user.pk)
    note(by, "user.password_set", user_id=user.pk, waits=user.password_ripens_at is not None)
    outbox.write([outbox.Event(by.cluster_id, FIRST_TOPIC, user.pk, {})])
    user.refresh_from_db()
    return user


@action
def edit_user(*, name: str, language: str, by: Actor) -> User:
    """The person's own name and language. A phone number is theirs by a code only (`codes.change_phone`)."""
    with inputs.Faults() as check:
        name = check(inputs.text, name, field="name", most=80)
        language = check(_language, language)
    user = lock_user(policy.person(by))
    fields = {"name": name, "language": language}
    changed = sorted(field for field, value in fields.items() if getattr(user, field) != value)
    if changed:
        User.objects.filter(pk=user.pk).update(**fields)
        note(by, "user.edited", user_id=user.pk, fields=changed)
        user.refresh_from_db()
    return user


def _checked(draft: UserDraft, *, needs_password: bool = True) -> UserDraft:
    with inputs.Faults() as check:
        email = check(inputs.email, draft.email)
        name = check(inputs.text, draft.name, field="name", most=80, least=0)
        language = check(_language, draft.language)
        password = ""
        if needs_password:
            password = check(_password, draft.password, User(email=email or "", name=name or ""))
        phone = check(inputs.phone, draft.phone, required=False)
    return UserDraft(email=email, password=password, name=name, language=language, phone=phone)


def _language(value: object) -> str:
    return inputs.choice(value, field="language", words=[code for code, _ in settings.LANGUAGES])


def _password(value: object, user: User, *, field: str = "password") -> str:
    """The password as typed: it is neither trimmed nor normalised."""
    if not isinstance(value, str) or not value:
        raise Invalid("input.required", field=field)
    if len(value) > PASSWORD_MOST:
        raise Invalid("input.too_long", field=field, most=PASSWORD_MOST)
    if "\x00" in value:
        raise Invalid("input.control_characters", field=field)
    try:
        validate_password(value, user)
    except ValidationError as error:
        faults = [_fault(one, field) for one in error.error_list]
        raise faults[0] if len(faults) == 1 else InvalidMany(faults) from error
    return value


def _fault(error: ValidationError, field: str) -> Invalid:
    code = PASSWORD_CODES.get(error.code or "", "members.password_weak")
    least = (error.params or {}).get("min_length")
    return Invalid(code, field=field, **({"least": int(least)} if least else {}))


@action
def _make_if_new(draft: UserDraft, hashed: str, by: Actor) -> User | None:
    """The new user, or None when the address has an account. `hashed` is made in both cases: they take the same time."""
    at = clock.now()
    user = User(
        email=draft.email,
        password=hashed,
        name=draft.name,
        language=draft.language,
        phone=draft.phone,
        phone_verified_at=at if draft.phone else None,
        joined_at=at,
    )
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError:
        if not User.objects.filter(email=draft.email).exists():
            raise
        return None
    if by.kind == "anonymous":  # an account that somebody else makes agrees to nothing
        accept(kinds=AT_SIGN_UP, at_step="sign_up", by=replace(by, kind="user", user_id=user.pk))
    note(by, "user.signed_up", user_id=user.pk)
    return user
