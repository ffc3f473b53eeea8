"""The doors of the operator's desk: five rooms, in each the pages that this person may open."""

from django import template
from django.urls import reverse

from yunju.insight.readiness import Outcome
from yunju.members.models import Cluster, Member
from yunju.members.queries import operator_of
from yunju.members.words import Permission
from yunju.ui import messages
from yunju.ui.templatetags.yunju import local_name

register = template.Library()
P = Permission
ROOMS: tuple[tuple[str, tuple[tuple[str, Permission], ...]], ...] = (
    ("today", (("operator", P.CLUSTER_ORDERS), ("alarms", P.CLUSTER_ORDERS))),
    (
        "people",
        (
            ("members_roll", P.CLUSTER_ADMIT),
            ("admissions", P.CLUSTER_ADMIT),
            ("invitations", P.CLUSTER_ADMIT),
            ("licences", P.CLUSTER_ADMIT),
            ("filings", P.CLUSTER_ADMIT),
        ),
    ),
    (
        "trade",
        (
            ("orders_look", P.CLUSTER_ORDERS),
            ("disputes", P.CLUSTER_CASES),
            ("refunds", P.CLUSTER_MONEY),
            ("operator_threads", P.CLUSTER_CASES),
        ),
    ),
    ("money", (("payouts", P.CLUSTER_PAYOUT), ("figures", P.CLUSTER_MONEY), ("proof", P.CLUSTER_MONEY))),
    (
        "settings",
        (
            ("setup", P.CLUSTER_RULES),
            ("papers", P.CLUSTER_RULES),
            ("agreements", P.CLUSTER_RULES),
            ("rules", P.CLUSTER_RULES),
            ("categories", P.CLUSTER_RULES),
            ("wording", P.CLUSTER_RULES),
            ("looks", P.CLUSTER_RULES),
            ("wechat_settings", P.CLUSTER_RULES),
        ),
    ),
)
"""Code of a room, and its pages by the names of their addresses. Their words are `operate.<code>`."""


@register.simple_tag(takes_context=True)
def happened(context: template.Context, what: str, params: dict[str, object]) -> str:
    """What an event row says: the sentence of `event.<what>`."""
    cluster = context.get("cluster")
    return messages.sentence(f"event.{what}", params, currency=getattr(cluster, "currency", "CNY"))


@register.simple_tag(takes_context=True)
def named(context: template.Context, names: dict[int, str], key: int) -> str:
    """The name under a key; the key itself where nobody has it."""
    return called(names.get(key, str(key)), context["cluster"])


@register.filter
def called(name: str, cluster: Cluster) -> str:
    """A name as it is; the market's own, which takes its fees under it, in the reader's language."""
    return local_name(cluster) if name == cluster.name_zh else name


@register.simple_tag
def added(one: int, other: int) -> int:
    return one + other


@register.simple_tag
def found_out(outcome: Outcome) -> str:
    """What a check of the market found, with codes of what is missing in words."""
    params = dict(outcome.params)
    if outcome.code == "papers":
        params["missing"] = _listed(str(params["missing"]), "paper")
    if outcome.code == "agreements":
        params["missing"] = _listed(str(params["missing"]), "agreement")
    if outcome.code == "trial" and params["why"] in {"nothing", "not_yet"}:
        return messages.sentence(f"check.trial.{params['why']}")
    return messages.sentence(f"check.{outcome.code}.{outcome.verdict}", params)


def _listed(codes: str, kind: str) -> str:
    return ("、" if messages.is_chinese() else ", ").join(messages.word(kind, code) for code in codes.split())


@register.simple_tag(takes_context=True)
def mend_at(context: template.Context, outcome: Outcome) -> str:
    """The address where a point is put right; the people of the operator are its member's."""
    if outcome.page != "roles":
        return reverse(outcome.page)
    cluster = context["cluster"]
    code = Member.objects.values_list("code", flat=True).get(pk=operator_of(cluster.pk))
    return reverse("roles", args=[code])


FILING_SITES = {"icp": "https://beian.miit.gov.cn/", "police": "https://beian.mps.gov.cn/"}
"""Where the ministries show filings: the law asks for a link. Nothing is loaded from there."""


@register.simple_tag
def filing_site(kind: str) -> str:
    return FILING_SITES[kind]
