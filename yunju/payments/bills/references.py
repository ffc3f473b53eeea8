"""How transfers that moved a gateway's clearing are called on its bill."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from yunju.ledger.queries import EntryRow

Resolver = Callable[[int, Sequence[int]], Mapping[int, str]]
"""(cluster id, source ids of one transfer kind) -> the reference of each; in one statement."""

_resolvers: dict[str, Resolver] = {}


def register_reference(transfer_kind: str, resolver: Resolver) -> None:
    """Say how the sources of one transfer kind are called on a bill. Called at start-up by the room that posts it."""
    _resolvers[transfer_kind] = resolver


def references_of(cluster_id: int, entries: Sequence[EntryRow]) -> dict[int, str]:
    """The reference of each entry by its transfer id; what nobody can name is called by its source."""
    sources: dict[str, set[int]] = defaultdict(set)
    for entry in entries:
        sources[entry.transfer_kind].add(entry.source_id)
    named = {
        kind: _resolvers[kind](cluster_id, sorted(ids)) if kind in _resolvers else {}
        for kind, ids in sources.items()
    }
    return {
        entry.transfer_id: named[entry.transfer_kind].get(
            entry.source_id, f"{entry.source_type}:{entry.source_id}"
        )
        for entry in entries
    }
