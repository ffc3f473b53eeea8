"""Who the caller is here: name, members with roles, shops, and what stands between them and a capacity."""

from ninja import Router, Schema

from yunju.api.auth import ApiRequest, needs
from yunju.api.scopes import Scope
from yunju.kernel.errors import SignInNeeded
from yunju.members.models import Member
from yunju.shops import queries as shops

router = Router(tags=["me"])


class MemberShape(Schema):
    """A member the caller acts for, and what they may do there."""

    code: str
    name: str
    may: list[str]


class MissingShape(Schema):
    """What stands between a member and a capacity, as a code."""

    member: str | None
    capacity: str
    code: str


class MeShape(Schema):
    """The caller."""

    name: str
    cluster: str
    members: list[MemberShape]
    shops: list[str]
    missing: list[MissingShape]


@router.get("/me", response=MeShape, auth=needs(Scope.PUBLIC))
def show_me(request: ApiRequest) -> dict[str, object]:
    """The caller, in the cluster of this host."""
    actor = request.auth
    if actor.user_id is None:
        raise SignInNeeded("members.sign_in_needed")
    members = {one.pk: one for one in Member.objects.filter(pk__in=list(actor.grants)).order_by("id")}
    return {
        "name": actor.name,
        "cluster": request.cluster.code,
        "members": [
            {"code": one.code, "name": one.name, "may": sorted(actor.grants[pk])}
            for pk, one in members.items()
        ],
        "shops": [shop.code for shop in shops.own_shops(actor)],
        "missing": [
            {
                "member": members[one.member_id].code if one.member_id is not None else None,
                "capacity": one.capacity,
                "code": one.code,
            }
            for one in shops.what_is_missing(actor)
        ],
    }
