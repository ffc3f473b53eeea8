"""Who acts. Passed to every action as `by`; the kernel knows ids and permission words only, `members` fills them."""

from collections.abc import Mapping

from msgspec import Struct, field


class Actor(Struct, frozen=True, gc=False):
    """A person, the system, or nobody, inside one cluster.

    `grants` maps a member id to the permission words the user holds through their roles there.
    `holder` is a hash of the browser session or signed link of a buyer without an account: it opens that buyer's
    own purchases and nothing else. `keys` are ids of purchases that this browser opened by their signed link.
    """

    cluster_id: int
    kind: str = "anonymous"  # anonymous | user | system
    user_id: int | None = None
    grants: Mapping[int, frozenset[str]] = field(default_factory=dict)
    is_operator: bool = False
    holder: str = ""
    keys: frozenset[int] = frozenset()
    name: str = ""

    def holds(self, permission: str, member_id: int | None) -> bool:
        """True when the user may do `permission` for that member (the system may do everything)."""
        if self.kind == "system":
            return True
        return member_id is not None and permission in self.grants.get(member_id, frozenset())

    def members_with(self, permission: str) -> list[int]:
        """Ids of the members for which the user holds `permission`, ascending."""
        return sorted(member for member, words in self.grants.items() if permission in words)


def system(cluster_id: int, name: str = "system") -> Actor:
    """The software itself: timers, imports, replays. `name` says which part, for the event row."""
    return Actor(cluster_id=cluster_id, kind="system", name=name)
