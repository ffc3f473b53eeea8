"""A person's own address book. What an order froze is a copy: nothing here reaches it."""

from dataclasses import dataclass, fields

from yunju.kernel.actor import Actor
from yunju.kernel.errors import NotFound, Refused
from yunju.members import inputs, policy
from yunju.members.actions.steps import action, lock_user, note
from yunju.members.models import Address
from yunju.members.words import ADDRESSES_PER_USER


@dataclass(frozen=True, slots=True)
class AddressDraft:
    """Where a parcel goes, in the order in which a Chinese address is written."""

    name: str
    phone: str
    province: str
    city: str
    district: str = ""
    street: str = ""


@action
def add_address(*, draft: AddressDraft, by: Actor) -> Address:
    """One more address of the actor's own."""
    user_id = policy.person(by)
    draft = checked_address(draft)
    lock_user(user_id)
    if Address.objects.filter(user_id=user_id).count() >= ADDRESSES_PER_USER:
        raise Refused("members.too_many_addresses", most=ADDRESSES_PER_USER)
    address = Address.objects.create(user_id=user_id, **_columns(draft))
    note(by, "address.added", address_id=address.pk)
    return address


@action
def edit_address(*, address_id: int, draft: AddressDraft, by: Actor) -> Address:
    """The whole draft replaces what was there."""
    address = _own(address_id, by)
    for name, value in _columns(checked_address(draft)).items():
        setattr(address, name, value)
    address.save()
    note(by, "address.edited", address_id=address_id)
    return address


@action
def remove_address(*, address_id: int, by: Actor) -> None:
    """Gone for good: personal data is not kept without need."""
    _own(address_id, by).delete()
    note(by, "address.removed", address_id=address_id)


def checked_address(draft: AddressDraft) -> AddressDraft:
    """The address cleaned, or every fault at its field. The checkout uses it for addresses that are not kept."""
    with inputs.Faults() as check:
        return AddressDraft(
            name=check(inputs.text, draft.name, field="name", most=60),
            phone=check(inputs.phone, draft.phone),
            province=check(inputs.text, draft.province, field="province", most=40),
            city=check(inputs.text, draft.city, field="city", most=40),
            district=check(inputs.text, draft.district, field="district", most=40, least=0),
            street=check(inputs.text, draft.street, field="street", most=200, least=2),
        )


def _columns(draft: AddressDraft) -> dict[str, str]:
    return {one.name: getattr(draft, one.name) for one in fields(draft)}


def _own(address_id: int, by: Actor) -> Address:
    rows = Address.objects.select_for_update().filter(pk=address_id, user_id=policy.person(by))
    address = rows.first()
    if address is None:
        raise NotFound("members.no_address")
    return address
