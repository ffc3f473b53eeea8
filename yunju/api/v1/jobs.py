"""Long work that the caller asked for: how far it is. Its file is fetched from its page."""

from datetime import datetime

from ninja import Query, Router, Schema

from yunju.api.auth import ApiRequest, needs
from yunju.api.scopes import Scope
from yunju.api.shapes import Code, Page, Paging, cursor, read_cursor
from yunju.kernel import jobs
from yunju.kernel.errors import SignInNeeded
from yunju.kernel.models import Job

router = Router(tags=["jobs"])


class JobRow(Schema):
    """A job. `done` of `total` things; `has_file` while its file is kept."""

    code: str
    kind: str
    title: str
    state: str
    done: int
    total: int
    asked_at: datetime
    ended_at: datetime | None
    has_file: bool


@router.get("/jobs", response=Page[JobRow], auth=needs(Scope.PUBLIC))
def list_jobs(request: ApiRequest, paging: Query[Paging]) -> dict[str, object]:
    """The caller's own, the newest first."""
    found = jobs.visible_to(_signed_in(request).auth)
    after = read_cursor(paging.cursor, 1)
    if after is not None:
        found = found.filter(pk__lt=after[0])
    page = list(found[: paging.limit + 1])
    shown = page[: paging.limit]
    goes_on = len(page) > paging.limit
    return {"items": [_row(one) for one in shown], "next_cursor": cursor([shown[-1].pk]) if goes_on else None}


@router.get("/jobs/{code}", response=JobRow, auth=needs(Scope.PUBLIC))
def show_job(request: ApiRequest, code: Code) -> dict[str, object]:
    """One of the caller's own."""
    return _row(jobs.one_of(_signed_in(request).auth, code))


def _signed_in(request: ApiRequest) -> ApiRequest:
    if request.auth.user_id is None:
        raise SignInNeeded("members.sign_in_needed")
    return request


def _row(one: Job) -> dict[str, object]:
    names = ("code", "kind", "title", "state", "done", "total", "asked_at", "ended_at")
    return {name: getattr(one, name) for name in names} | {"has_file": bool(one.file)}
