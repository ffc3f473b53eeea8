"""A money request is carried out once per key: key and effect in one transaction, the same answer ever after."""

from collections.abc import Callable
from typing import Annotated

from ninja import Header

from yunju.kernel import idempotency
from yunju.kernel.actor import Actor
from yunju.kernel.errors import InFlight, KeyConflict
from yunju.kernel.idempotency import Answer
from yunju.kernel.locks import ALONE_MS, transaction_with_timeout

KeyHeader = Annotated[str, Header(alias="Idempotency-Key")]


def once(*, actor: Actor, route: str, key: str, payload: object, work: Callable[[], Answer]) -> Answer:
    """`work` within the key's transaction; its answer holds ids and codes only, never personal data.

    Raises KeyConflict for another payload under the key, InFlight while it is still running. A refusal is not kept.
    """
    principal = f"user:{actor.user_id}" if actor.user_id is not None else f"holder:{actor.holder}"
    made = idempotency.make(scope=f"{route} {principal}", key=key, payload=payload)
    with transaction_with_timeout(ALONE_MS):
        claim = idempotency.claim(actor.cluster_id, [made])[made.order()]
        if claim.conflict:
            raise KeyConflict("idempotency.conflict")
        if claim.fresh:
            answer = work()
            idempotency.finish(actor.cluster_id, [(made, answer)])
            return answer
        if claim.answer is None:
            raise InFlight("busy.in_flight")
        return claim.answer
