"""What anybody may read about who runs the site and who sells on it, and by which agreements."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from yunju.kernel import clock
from yunju.members import papers
from yunju.members.models import AGREEMENTS, Licence, Member, Payee
from yunju.members.queries import has_capacity
from yunju.members.words import CapacityKind, IdKind
from yunju.ui import messages
from yunju.ui.marks import marked
from yunju.web.request import Request, missing


@require_GET
def about(request: Request) -> HttpResponse:
    """Who runs this market: name, licence, filings, address, where to complain."""
    kept = papers.papers_of(request.cluster)
    others = [
        line.partition("：" if "：" in line else ":") for line in kept.other_nos.splitlines() if line.strip()
    ]
    told = {"kept": kept, "others": [(name.strip(), number.strip()) for name, _sep, number in others]}
    return render(request, "web/public/about.html", told)


@require_GET
def agreement(request: Request, kind: str) -> HttpResponse:
    """The version that holds now, or the one that is asked for; all versions stay readable."""
    if kind not in AGREEMENTS:
        missing()
    versions = papers.agreement_versions(request.cluster.pk, kind)
    now = clock.now()
    wanted = request.GET.get("version", "")
    if wanted:
        found = next((one for one in versions if str(one.version) == wanted), None)
    else:
        found = next((one for one in versions if one.effective_at <= now), versions[-1] if versions else None)
    if wanted and found is None:
        missing()
    body = found and (found.body_zh if messages.is_chinese() or not found.body_en else found.body_en)
    told = {
        "kind": kind,
        "found": found,
        "versions": versions,
        "now": now,
        "body": marked(body) if body else "",
        "only_chinese": bool(found and not messages.is_chinese() and not found.body_en),
    }
    return render(request, "web/public/agreement.html", told)


@require_GET
def supplier_info(request: Request, code: str) -> HttpResponse:
    """经营者信息 of a supplier. A firm's code is shown in full; a person's identity number never is."""
    member = Member.objects.filter(cluster_id=request.cluster.pk, code=code).first()
    if member is None or not (
        has_capacity(member.pk, CapacityKind.SUPPLIER)
        or member.pk in request.actor.grants
        or request.actor.is_operator
    ):
        missing()
    payee = Payee.objects.filter(member=member).first()
    today = clock.local_day(clock.now(), request.cluster.timezone)
    is_firm = payee is not None and payee.id_kind == IdKind.CREDIT_CODE
    told = {
        "member": member,
        "payee": payee,
        "credit_code": payee.licence_no if payee and (is_firm or payee.licence_no) else "",
        "licences": Licence.objects.filter(papers.valid_on(today), member=member).order_by("kind", "pk"),
    }
    return render(request, "web/public/supplier.html", told)
