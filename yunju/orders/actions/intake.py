"""The intake: requests that arrive together are placed together (DESIGN 5).

Outside locks: check, read the book, price. Then one short transaction for the whole batch: keys, buyers, stock rows
in id order, the pure decision, a fixed number of statements. Nobody is answered before the commit. A batch the
database refuses is placed again one by one under the same keys, so that only the guilty purchase fails.
"""

import logging
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, transaction

from yunju.catalog import sales as catalog_sales
from yunju.catalog.actions import stock as catalog_stock
from yunju.catalog.terms import StockLeft
from yunju.kernel import idempotency, locks, sql
from yunju.kernel.errors import Busy, InFlight, Invalid, KeyConflict, YunjuError
from yunju.orders import book as books
from yunju.orders import checks, decide, errors, queries
from yunju.orders.actions import optimistic, write
from yunju.orders.draft import Placed, PlaceRequest, PricedPurchase

log = logging.getLogger(__name__)
Answer = Placed | YunjuError


def place(requests: Sequence[PlaceRequest]) -> list[Answer]:
    """Place each request or refuse it, on its own, and answer in the order given.

    A batch may hold several clusters; each is one transaction. A key that stands twice in the batch is placed once.
    """
    answers: dict[int, Answer] = {}
    by_cluster: dict[int, list[tuple[int, PlaceRequest]]] = defaultdict(list)
    for position, request in enumerate(requests):
        by_cluster[request.by.cluster_id].append((position, request))
    for cluster_id, found in by_cluster.items():
        placed = _place_in_cluster(cluster_id, [request for _, request in found])
        answers.update(zip((position for position, _ in found), placed, strict=True))
    return [answers[position] for position in range(len(requests))]


@dataclass(slots=True)
class _Job:
    """One request on its way: its key, what it costs, and in the end its answer."""

    request: PlaceRequest
    key: idempotency.Key | None = None
    priced: PricedPurchase | None = None
    purchase_id: int = 0
    answer: Answer | None = None
    twin: "_Job | None" = None  # an earlier request of the batch under the same key


def _place_in_cluster(cluster_id: int, requests: Sequence[PlaceRequest]) -> list[Answer]:
    jobs = [_Job(request) for request in requests]
    try:
        book = _prepare(cluster_id, jobs)
    except YunjuError as refusal:  # the cluster itself cannot sell: it has no operator
        return [refusal for _ in requests]
    left = _place_at_once(book, jobs)
    try:
        _commit(book, left, locks.BATCH_MS)
    except DatabaseError:
        for job in left:
            _commit_alone(book, job)
    return [_told(job) for job in jobs]


def _place_at_once(book: books.CheckedBook, jobs: Sequence[_Job]) -> Sequence[_Job]:
    """Place what nothing stands against, as far as can be seen without locks, all statements sent together.

    PostgreSQL says whether that was right: keys are free, buyers within their limit, stock enough. Where it was not,
    nothing happened, and all go the way of locks, one after the other as they came. Returns who is left.
    """
    ready = [job for job in jobs if job.key is not None and job.twin is None and job.priced is not None]
    decisions = _decide(book, ready, _Held(set(), {}, book.stock, decide.NO_SALES)) if ready else []
    accepted = [decision for decision in decisions if isinstance(decision, decide.Accepted)]
    if not ready or len(accepted) < len(ready):
        return jobs
    ids = _reserve(ready)
    written = [
        write.Job(job.request, decision, job.purchase_id)
        for job, decision in zip(ready, accepted, strict=True)
    ]
    try:
        answers = optimistic.place(book, [job.key for job in ready if job.key], written, ids)
    except DatabaseError as error:
        if not optimistic.is_normal(error):
            log.warning("a batch could not be placed without locks, and is placed with them", exc_info=True)
        return jobs
    for job, answer in zip(ready, answers, strict=True):
        job.answer = answer
    return [job for job in jobs if job.answer is None or job.priced is None]


def _prepare(cluster_id: int, jobs: Sequence[_Job]) -> books.CheckedBook:
    """Everything before the locks: form, keys, twins, prices. A job with an answer here was refused for its input."""
    first: dict[tuple[str, str], _Job] = {}
    for job in jobs:
        try:
            job.key = checks.key_of(job.request)
            job.twin = first.setdefault(job.key.order(), job)
            checks.check(job.request)
        except YunjuError as fault:
            job.answer = fault
        if job.twin is job:
            job.twin = None
    book = books.read(cluster_id, [job.request for job in jobs if job.answer is None])
    for job, priced in zip(
        [job for job in jobs if job.answer is None],
        books.price_all(book, [job.request for job in jobs if job.answer is None]),
        strict=True,
    ):
        if isinstance(priced, YunjuError):
            job.answer = priced
        else:
            job.priced = priced
    return book


def _commit_alone(book: books.CheckedBook, job: _Job) -> None:
    """The second try of one request of a batch that failed: it waits longer and fails for itself."""
    if job.priced is not None:
        job.answer = None
    try:
        locks.with_retries(lambda: _commit(book, [job], locks.ALONE_MS))
    except Busy:
        job.answer = InFlight("busy.in_flight")
    except DatabaseError:
        # The guilty one of its batch: told to its caller and to the log, the others were placed.
        log.exception("a purchase was refused by the database")
        job.answer = Busy("busy.try_again")


def _commit(book: books.CheckedBook, jobs: Sequence[_Job], wait_ms: int) -> None:
    """One transaction for all jobs that have no twin. Sets their answers; raises DatabaseError when it was refused whole."""
    keyed = [job for job in jobs if job.key is not None and job.twin is None]
    if not keyed:
        return
    ids = _reserve(keyed)
    with transaction.atomic():
        held = _hold(book, keyed, wait_ms)
        fresh = _claim(book, keyed, held.taken)
        runners = [job for job in fresh if job.priced is not None]
        decisions = _decide(book, runners, held)
        for job, decision in zip(runners, decisions, strict=True):
            job.answer = decision if isinstance(decision, YunjuError) else None
        accepted = [
            write.Job(job.request, decision, job.purchase_id)
            for job, decision in zip(runners, decisions, strict=True)
            if isinstance(decision, decide.Accepted)
        ]
        placed = write.write(book, accepted, ids)
        for job, answer in zip((job for job in runners if job.answer is None), placed, strict=True):
            job.answer = answer
        _finish(book, fresh)


def _reserve(jobs: Sequence[_Job]) -> write.Ids:
    """Ids for what may be placed; a purchase knows its own before its key is claimed."""
    priced = [(job, job.priced) for job in jobs if job.priced is not None]
    ids = write.reserve([purchase for _, purchase in priced])
    for (job, _), purchase_id in zip(priced, ids.purchases, strict=True):
        job.purchase_id = purchase_id
    return ids


@dataclass(frozen=True, slots=True)
class _Held:
    """What the transaction holds: keys that were free, and of those who may buy, their unpaid purchases, the stock and the sales."""

    taken: set[tuple[str, str]]
    unpaid: Mapping[str, int]
    stock: Sequence[StockLeft]
    sales: decide.Sales


def _hold(book: books.CheckedBook, jobs: Sequence[_Job], wait_ms: int) -> _Held:
    """Take all locks in the order of the house: keys, buyers, stock by id, sales by id. One wait; each statement sees what those before
    it waited for. Buyers and stock of a key that turns out answered are held for nothing."""
    expected = {
        job.key.order(): {"purchase": job.purchase_id} for job in jobs if job.key and job.priced is not None
    }
    buyers = sorted({checks.principal(job.request.by) for job in jobs if job.priced is not None})
    variants = {line.variant_id for job in jobs if job.priced is not None for line in job.request.lines}
    sales = {sale for job in jobs if job.priced is not None for _, sale in decide.sale_lines(job.priced)}
    _, taken, _, unpaid, stock, *of_sales = sql.answers(
        locks.patience_by_index(wait_ms),
        idempotency.taking(book.cluster_id, [job.key for job in jobs if job.key], expected),
        queries.lock_buyers(book.cluster_id, buyers),
        queries.unpaid_counts(book.cluster_id, buyers),
        catalog_stock.stock_locked(book.cluster_id, variants),
        *_sales_asked(book.cluster_id, sales, buyers),
    )
    return _Held(taken, unpaid, stock, decide.Sales(*of_sales))


def _sales_asked(cluster_id: int, sale_ids: Collection[int], buyers: Collection[str]) -> list[sql.Asked[Any]]:
    """Nothing where no line is in a sale, which is nearly always."""
    if not sale_ids:
        return []
    return [
        catalog_sales.locked_asked(cluster_id, sale_ids),
        catalog_sales.had_asked(cluster_id, sale_ids, buyers),
    ]


def _claim(book: books.CheckedBook, jobs: Sequence[_Job], taken: Collection[tuple[str, str]]) -> list[_Job]:
    """Jobs whose key was answered before get that answer. Returns the fresh ones."""
    claims = idempotency.claims(book.cluster_id, [job.key for job in jobs if job.key], taken)
    fresh, replays = [], []
    for job in jobs:
        claim = claims[job.key.order()] if job.key else idempotency.Claim(fresh=False)
        if claim.fresh:
            fresh.append(job)
        elif claim.conflict:
            job.answer = KeyConflict("idempotency.conflict")
        elif claim.answer is None:
            job.answer = InFlight("busy.in_flight")
        elif "refused" in claim.answer:
            job.answer = errors.from_answer(claim.answer)
        else:
            replays.append((job, int(claim.answer["purchase"])))
    found = queries.placed(book.cluster_id, [purchase_id for _, purchase_id in replays]) if replays else {}
    for job, purchase_id in replays:
        job.answer = found[purchase_id]
    return fresh


def _decide(book: books.CheckedBook, jobs: Sequence[_Job], held: _Held) -> list[decide.Accepted | YunjuError]:
    """Let the pure function decide over what is held."""
    return decide.decide(
        [
            decide.Candidate(job.priced, checks.principal(job.request.by), book.caps[job.request.gateway])
            for job in jobs
            if job.priced
        ],
        held.stock,
        held.unpaid,
        book.unpaid_limit,
        held.sales,
    )


def _finish(book: books.CheckedBook, fresh: Sequence[_Job]) -> None:
    """Store refusals that are final; a placed purchase's answer stands since its key was claimed.

    Input refusals give their key back: the corrected form may come under it again.
    """
    answers: list[tuple[idempotency.Key, idempotency.Answer]] = []
    forgotten: list[idempotency.Key] = []
    for job in fresh:
        if job.key is None:
            continue
        if isinstance(job.answer, Placed):
            continue
        if (
            job.priced is not None
            and isinstance(job.answer, YunjuError)
            and not isinstance(job.answer, Invalid)
        ):
            answers.append((job.key, errors.to_answer(job.answer)))
        else:
            forgotten.append(job.key)
    idempotency.finish(book.cluster_id, answers)
    idempotency.forget(book.cluster_id, forgotten)


def _told(job: _Job) -> Answer:
    """The answer of a job; a twin gets that of its first, or a conflict when the payload differed."""
    if job.twin is not None and job.key is not None and job.twin.key is not None:
        if job.key.payload_hash != job.twin.key.payload_hash:
            return KeyConflict("idempotency.conflict")
        answer = _told(job.twin)
        return queries.as_replay(answer) if isinstance(answer, Placed) else answer
    if job.answer is None:
        raise AssertionError("a job left the intake without an answer")
    return job.answer


def place_one(request: PlaceRequest) -> Placed:
    """Place a single request, the batch of one. Raises its refusal."""
    answer = place([request])[0]
    if isinstance(answer, YunjuError):
        raise answer
    return answer
