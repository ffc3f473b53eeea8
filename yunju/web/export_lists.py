"""Any list as a file: at once where it is short, else as a job whose page has the file. What the lists are stands in `web.listed`.

A list is found by the page's own query with the filters of the address, for whoever may open the page. The worker asks
the same anew, as the person who asked: a role that was taken away meanwhile takes the file with it.
"""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib import messages as flash
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_http_methods

from yunju.kernel import clock, jobs
from yunju.kernel.errors import TooMany
from yunju.members.models import Cluster, User
from yunju.members.queries import actor_for
from yunju.ui import messages
from yunju.web.exports import CSV, XLSX, Table, Value, attachment, content, write
from yunju.web.listed import buyers, desks, money, offers, operators, people, shopkeepers, suppliers
from yunju.web.listed.base import Found, Listed, count, parts
from yunju.web.request import Request, missing

KIND = "web.export"
AT_ONCE = 2_000
"""Rows that a page may wait for; longer lists are jobs."""

BACK_MOST = 200
"""Characters that a job keeps of the way back; longer words that were searched for are typed again."""

KINDS = ("xlsx", "csv")
ROOMS = (buyers, shopkeepers, suppliers, offers, money, people, operators, desks)
LISTS: dict[str, Listed] = {one.name: one for room in ROOMS for one in room.LISTS}


def _asked(request: Request, name: str, subject: str) -> tuple[Listed, Any]:
    """The list and what it is of, or the refusal that the page itself would give."""
    listed = LISTS.get(name)
    if listed is None or listed.whose.is_named != bool(subject):
        missing()
    return listed, listed.whose.opened(request, subject)


def _kind(request: Request) -> str:
    kind = request.GET.get("format", "xlsx")
    return kind if kind in KINDS else "xlsx"


def table_of(
    request: Request, listed: Listed, of: Any, found: Found, counted: Callable[[int], None] = lambda _: None
) -> Table:
    """The list as a table whose rows are read as they are written. `counted` hears how many are done."""
    fields = listed.fields(request, of)

    def rows() -> Iterator[Sequence[Value]]:
        done = 0
        for part in parts(found):
            for row in listed.shown(request, of, part):
                yield [field.of(row) for field in fields]
            done += len(part)
            counted(done)

    here = request.cluster
    columns = [field.column for field in fields]
    return Table(messages.word("export", listed.name), columns, rows(), here.currency, here.timezone)


@require_http_methods(["GET", "POST"])
def export(request: Request, name: str, subject: str = "") -> HttpResponse:
    """The file at once, or a page that offers to make it where it is long; its button asks for the job."""
    listed, of = _asked(request, name, subject)
    found = listed.found(request, of)
    if request.method == "POST":
        return _begun(request, listed, of, subject)
    rows, kind = count(found), _kind(request)
    if rows > AT_ONCE:
        told = {"listed": listed, "count": rows, "address": request.get_full_path()}
        return render(request, "web/account/export.html", told)
    if listed.noted:
        listed.noted(request)
    made = content(table_of(request, listed, of, found), kind)
    return attachment(made, _file_name(request, listed, of, kind), mime=CSV if kind == "csv" else XLSX)


def _begun(request: Request, listed: Listed, of: Any, subject: str) -> HttpResponse:
    params = {
        "list": listed.name,
        "subject": subject,
        "query": request.GET.urlencode(),
        "language": translation.get_language() or "",
    }
    title = messages.word("export", listed.name)
    back = request.get_full_path()
    try:
        job = jobs.start(
            kind=KIND,
            params=params,
            by=request.actor,
            title=title,
            back=_page_address(request, listed, subject),
            needs=listed.whose.needs(request, of),
        )
    except TooMany as refusal:
        flash.error(request, messages.of(refusal))
        return HttpResponse(status=302, headers={"Location": back})
    return HttpResponse(status=302, headers={"Location": reverse("job", args=[job.code])})


def _page_address(request: Request, listed: Listed, subject: str) -> str:
    """Of the page whose list it is, with its filters."""
    address = reverse(listed.page, args=[subject] if subject else [])
    words = request.GET.copy()
    words.pop("format", None)
    whole = f"{address}?{words.urlencode()}" if words else address
    return whole if len(whole) <= BACK_MOST else address


def _file_name(request: Request, listed: Listed, of: Any, kind: str) -> str:
    """The list, whose it is, the day."""
    whose = getattr(of, "name", "") or getattr(of, "number", "") if listed.whose.is_named else ""
    day = clock.local_day(clock.now(), request.cluster.timezone)
    return f"{' '.join(filter(None, [messages.word('export', listed.name), str(whose), f'{day:%Y-%m-%d}']))}.{kind}"


# --- at the foot of a page --------------------------------------------------------------------------------------------

PAGING = ("page", "before", "after", "dropped", "s")
"""Words of an address that say which part of the list is shown: the file has all of it."""


@dataclass(frozen=True, slots=True)
class Link:
    """To the file of a list: its name, and what the template of its page calls the rows."""

    address: str
    name: str
    seen: str


def links(request: Request) -> list[Link]:
    """The lists of the page that is asked for. Whoever looks with another's eyes takes no file along."""
    match = request.resolver_match
    if match is None or request.actor.user_id is None or getattr(request, "visit", None) is not None:
        return []
    subject = str(next(iter(match.kwargs.values()), ""))
    return [
        Link(_address(request, one, subject), messages.word("export", one.name), one.seen)
        for one in LISTS.values()
        if one.page == match.url_name
    ]


def _address(request: Request, listed: Listed, subject: str) -> str:
    words = request.GET.copy()
    for name in PAGING:
        words.pop(name, None)
    address = reverse("export", args=[listed.name, subject] if listed.whose.is_named else [listed.name])
    return f"{address}?{words.urlencode()}" if words else address


# --- the job -----------------------------------------------------------------------------------------------------------


def as_asked(progress: jobs.Progress) -> Request:
    """The request as it was, by who made it: with what they may do now."""
    request = Request()
    request.method = "GET"
    request.GET = QueryDict(progress.params["query"])
    request.cluster = Cluster.objects.get(pk=progress.cluster_id)
    person = User.objects.filter(pk=progress.by_user_id or 0).first()
    request.actor = request.powers = actor_for(person, request.cluster)
    request.attribution, request.visit, request.in_wechat, request.share_token = None, None, False, ""
    return request


def work_off(progress: jobs.Progress) -> None:
    """What the job does: whoever asked must still be allowed to."""
    request, params = as_asked(progress), progress.params
    with (
        timezone.override(request.cluster.timezone),
        translation.override(params["language"]),
        tempfile.TemporaryDirectory(prefix="yunju-export-") as folder,
    ):
        listed, of = _asked(request, params["list"], params["subject"])
        found = listed.found(request, of)
        progress.total(count(found))
        if listed.noted:
            listed.noted(request)
        kind = _kind(request)
        path = Path(folder) / f"list.{kind}"
        write(table_of(request, listed, of, found, progress.done), path, kind)
        progress.file(_file_name(request, listed, of, kind), path)
