"""Clusters, users, members, capacities, roles, parks, sites, seats, addresses, payees, papers, words, visits."""

from yunju.members.models.clusters import Cluster
from yunju.members.models.members import Capacity, Member, MemberEvent, Role
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
from yunju.members.models.wording import ForbiddenWords

__all__ = [
    "AGREEMENTS",
    "LICENCE_STATES",
    "Acceptance",
    "Address",
    "Agreement",
    "Capacity",
    "Cluster",
    "ClusterPapers",
    "ForbiddenWords",
    "Licence",
    "Member",
    "MemberEvent",
    "Park",
    "Payee",
    "PayoutAccount",
    "Role",
    "Seat",
    "Site",
    "Unmasking",
    "User",
    "UserManager",
    "Visit",
    "private_papers",
]
