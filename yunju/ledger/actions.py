"""The only door for money: `post`. Set-based, a constant number of statements for any number of transfers.

Accounts are made when first named. Cached balances move in the database, by the entry guard (sql/0001_guard.sql).
A refusal loses the whole transaction: a batch that is refused is posted again one by one by its caller.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection, transaction

from yunju.kernel import clock, ids, sql
from yunju.kernel.locks import BATCH_MS, transaction_with_timeout, with_retries
from yunju.kernel.money import MAX_MINOR
from yunju.ledger.errors import AlreadyPosted, AlreadyReversed, Unbalanced, Unpostable, named
from yunju.ledger.kinds import CACHED, Kind
from yunju.ledger.queries import STATEMENTS, Key

TRANSFER_IDS = "ledger_transfer_id_seq"
POSTINGS_MAX = 20_000
"""Most transfers of one call: a payout run has 10,000 payees."""


@dataclass(frozen=True, slots=True)
class Leg:
    """`amount` minor units added to the account (subject, kind); negative takes away."""

    subject: str
    kind: Kind
    amount: int


@dataclass(frozen=True, slots=True)
class Posting:
    """One transfer to be. (cluster, kind, source_type, source_id, step) names the business event: it is posted once."""

    cluster_id: int
    kind: str
    source_type: str
    source_id: int
    currency: str
    legs: tuple[Leg, ...]
    effective_at: datetime
    step: int = 0
    reverses_id: int | None = None


def post(postings: Sequence[Posting]) -> list[int]:
    """Write the transfers and their entries; returns the transfer ids in the order given. All or none.

    Legs of amount 0 are dropped, legs of the same account merged. Must run inside a transaction, on one cluster.
    Raises AlreadyPosted, AlreadyReversed, Overdrawn, Unbalanced, Unpostable.
    """
    return _write([tidied(posting) for posting in postings])


def reverse(*, cluster_id: int, transfer_id: int, effective_at: datetime, kind: str = "reversal") -> int:
    """Write the whole mirror of a transfer, once; returns the new transfer's id. Must run inside a transaction.

    Raises AlreadyReversed, Overdrawn, or Unpostable when there is no such transfer.
    """
    rows = sql.fetch(STATEMENTS["legs_of"], {"cluster": cluster_id, "transfer": transfer_id})
    if not rows:
        raise Unpostable("ledger.transfer_unknown", transfer=transfer_id)
    mirror = Posting(
        cluster_id=cluster_id,
        kind=kind,
        source_type="transfer",
        source_id=transfer_id,
        currency=rows[0][3],
        legs=tuple(Leg(subject, Kind(account), -amount) for subject, account, amount, _ in rows),
        effective_at=effective_at,
        reverses_id=transfer_id,
    )
    try:
        return _write([mirror])[0]  # not tidied: a mirror has the very legs of its original
    except AlreadyPosted as error:
        raise AlreadyReversed("ledger.already_reversed", transfer=transfer_id) from error


def lock_balances(cluster_id: int, currency: str, keys: Sequence[Key]) -> dict[Key, int]:
    """Lock these accounts in id order until the transaction ends and return their balances.

    Only kinds with a cached balance. Missing accounts are made first. `account` is the last kind in the house's lock
    order (kernel.locks): lock everything else before. Must run inside a transaction.
    """
    _require_transaction()
    if not all(kind in CACHED for _, kind in keys):
        raise ValueError("only accounts with a cached balance can be locked")
    if not keys:
        return {}
    accounts = _accounts(cluster_id, currency, keys)
    rows = sql.fetch(STATEMENTS["lock_accounts"], {"cluster": cluster_id, "ids": sorted(accounts.values())})
    found = dict(rows)
    return {key: found[account_id] for key, account_id in accounts.items()}


def settled() -> int:
    """The highest entry id below which nothing can appear any more. Waits for the writers of this moment.

    Raises Busy when one of them takes longer than a batch may: while this waits, new writers wait behind it.
    """
    return _alone(lambda: int(sql.fetch(STATEMENTS["settled"])[0][0]))


def take_snapshot(cluster_id: int, upto: int | None = None) -> int:
    """Note the balance of every account that moved since its last snapshot; returns how many.

    A snapshot says that all entries up to `upto` (default: what is settled now) were verified: `verify` calls this.
    Raises Busy as `settled` does.
    """
    top = settled() if upto is None else upto
    params = {"cluster": cluster_id, "upto": top, "now": clock.now()}
    return _alone(lambda: int(sql.fetch(STATEMENTS["take_snapshot"], params)[0][0]))


def _alone(work: Callable[[], int]) -> int:
    """In a transaction of its own, which holds no other lock and waits for none for long."""
    if connection.in_atomic_block:
        raise transaction.TransactionManagementError("snapshots are taken in a transaction of their own")

    def attempt() -> int:
        with transaction_with_timeout(BATCH_MS):
            sql.execute("SET LOCAL statement_timeout = 0")  # a first snapshot of a large book takes its time
            return work()

    return with_retries(attempt)


def tidied(posting: Posting) -> Posting:
    """Without empty legs, one leg per account in order of first mention. Pure.

    Raises Unbalanced, or Unpostable when nothing is left or an amount is out of range.
    """
    amounts: dict[Key, int] = {}
    for leg in posting.legs:
        if type(leg.amount) is not int:
            raise TypeError("an amount is an int of minor units")
        key = (leg.subject, leg.kind)
        amounts[key] = amounts.get(key, 0) + leg.amount
    legs = tuple(Leg(subject, kind, amount) for (subject, kind), amount in amounts.items() if amount)
    if sum(amounts.values()):
        raise Unbalanced("ledger.unbalanced", kind=posting.kind, difference=sum(amounts.values()))
    if not legs:
        raise Unpostable("ledger.empty", kind=posting.kind)
    if any(abs(leg.amount) > MAX_MINOR for leg in legs):
        raise Unpostable("ledger.amount_range", kind=posting.kind)
    return replace(posting, legs=legs)


def _write(postings: Sequence[Posting]) -> list[int]:
    """Two statements that find or reserve, two that write; two more when an account is named for the first time."""
    _require_transaction()
    if not postings:
        return []
    cluster_id, currency = postings[0].cluster_id, postings[0].currency
    if any((posting.cluster_id, posting.currency) != (cluster_id, currency) for posting in postings):
        raise ValueError("one call posts to one cluster, in one currency")
    if len(postings) > POSTINGS_MAX:
        raise ValueError(f"at most {POSTINGS_MAX} transfers at once")
    accounts = _accounts(
        cluster_id, currency, ((leg.subject, leg.kind) for one in postings for leg in one.legs)
    )
    transfer_ids = ids.reserve(TRANSFER_IDS, len(postings))
    with named():
        _write_headers(transfer_ids, postings)
        _write_entries(transfer_ids, postings, accounts)
    return transfer_ids


def _write_headers(transfer_ids: Sequence[int], postings: Sequence[Posting]) -> None:
    params = {
        "cluster": postings[0].cluster_id,
        "now": clock.now(),
        "ids": transfer_ids,
        "kinds": [posting.kind for posting in postings],
        "source_types": [posting.source_type for posting in postings],
        "source_ids": [posting.source_id for posting in postings],
        "steps": [posting.step for posting in postings],
        "legs": [len(posting.legs) for posting in postings],
        "reverses": [posting.reverses_id for posting in postings],
        "effective": [posting.effective_at for posting in postings],
    }
    sql.execute(STATEMENTS["write_transfers"], params)


def _write_entries(
    transfer_ids: Sequence[int], postings: Sequence[Posting], accounts: dict[Key, int]
) -> None:
    rows = [
        (transfer_id, seq, accounts[leg.subject, leg.kind], posting.currency, leg.amount)
        for transfer_id, posting in zip(transfer_ids, postings, strict=True)
        for seq, leg in enumerate(posting.legs, start=1)
    ]
    transfers, seqs, account_ids, currencies, amounts = (list(column) for column in zip(*rows, strict=True))
    params = {
        "cluster": postings[0].cluster_id,
        "transfers": transfers,
        "seqs": seqs,
        "accounts": account_ids,
        "currencies": currencies,
        "amounts": amounts,
    }
    written = sql.execute(STATEMENTS["write_entries"], params)
    assert written == len(rows), "every leg is written"


def _accounts(cluster_id: int, currency: str, keys: Iterable[Key]) -> dict[Key, int]:
    """The account id of each key. What is missing is made, in sorted order, so that two makers never wait crosswise."""
    wanted = sorted(set(keys))
    found = _find_accounts(cluster_id, currency, wanted)
    missing = [key for key in wanted if key not in found]
    if missing:
        with named():
            sql.execute(STATEMENTS["make_accounts"], _account_params(cluster_id, currency, missing))
        found |= _find_accounts(cluster_id, currency, missing)
    return found


def _find_accounts(cluster_id: int, currency: str, keys: Sequence[Key]) -> dict[Key, int]:
    rows = sql.fetch(STATEMENTS["find_accounts"], _account_params(cluster_id, currency, keys))
    return {(subject, Kind(kind)): account_id for account_id, subject, kind in rows}


def _account_params(cluster_id: int, currency: str, keys: Sequence[Key]) -> dict[str, object]:
    return {
        "cluster": cluster_id,
        "currency": currency,
        "subjects": [subject for subject, _ in keys],
        "kinds": [kind.value for _, kind in keys],
    }


def _require_transaction() -> None:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "the ledger is written inside the transaction of its cause"
        )
