"""Choices of a column from the words of the room."""

from yunju.members.words import CapacityKind, Channel, Exemption, IdKind, RoleKind


def choices(
    words: type[CapacityKind] | type[RoleKind] | type[IdKind] | type[Exemption] | type[Channel],
) -> list[tuple[str, str]]:
    return [(word.value, word.value) for word in words]
