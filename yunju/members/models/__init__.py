"""Clusters, users, members, capacities, roles, parks, sites, seats, addresses, payees, papers, words, visits."""

from yunju.members.models.clusters import Cluster
from yunju.members.models.codes import CarryLink, PhoneCode, SignIn
from yunju.members.models.invitations import Invitation, MemberImport
from yunju.members.models.members import Capacity, Member, MemberEvent, Role
from yunju.members.models.offers import RoleOffer
from yunju.members.models.papers import (
    AGREEMENTS,
    LICENCE_STATES,
    Acceptance,
    Agreement,
    ClusterPapers,
    Licence,
    private_papers,
)
from yunju.members.models.parks import Park, Seat, Site
from yunju.members.models.payees import Payee, PayoutAccount
from yunju.members.models.users import Address, User, UserManager
from yunju.members.models.visits import Unmasking, Visit
from yunju.members.models.wechat import VerifyFile, WechatSettings
from yunju.members.models.wording import ForbiddenWords

__all__ = [
    "AGREEMENTS",
    "LICENCE_STATES",
    "Acceptance",
    "Address",
    "Agreement",
    "Capacity",
    "CarryLink",
    "Cluster",
    "ClusterPapers",
    "ForbiddenWords",
    "Invitation",
    "Licence",
    "Member",
    "MemberEvent",
    "MemberImport",
    "Park",
    "Payee",
    "PayoutAccount",
    "PhoneCode",
    "Role",
    "RoleOffer",
    "Seat",
    "SignIn",
    "Site",
    "Unmasking",
    "User",
    "UserManager",
    "VerifyFile",
    "Visit",
    "WechatSettings",
    "private_papers",
]
