"""Clusters, users, members, capacities, roles, parks, sites, seats, addresses, payees."""

from yunju.members.models.clusters import Cluster
from yunju.members.models.members import Capacity, Member, MemberEvent, Role
from yunju.members.models.parks import Park, Seat, Site
from yunju.members.models.payees import Payee, PayoutAccount
from yunju.members.models.users import Address, User, UserManager

__all__ = [
    "Address",
    "Capacity",
    "Cluster",
    "Member",
    "MemberEvent",
    "Park",
    "Payee",
    "PayoutAccount",
    "Role",
    "Seat",
    "Site",
    "User",
    "UserManager",
]
