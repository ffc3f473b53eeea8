"""Everything that changes members, a file per noun. Each action: policy, lock, change, event row, one transaction."""

from yunju.members.actions.addresses import (
    AddressDraft,
    add_address,
    checked_address,
    edit_address,
    remove_address,
)
from yunju.members.actions.capacities import admit_capacity, ask_capacity, end_capacity, refuse_capacity
from yunju.members.actions.clusters import ClusterDraft, ClusterRules, edit_cluster_rules, make_cluster
from yunju.members.actions.licences import LicenceDraft, check_licence, end_licence, hand_in_licence
from yunju.members.actions.members import (
    MemberDraft,
    close_member,
    edit_member,
    open_member,
    set_gateway_merchant,
    set_member_reserve,
)
from yunju.members.actions.papers import (
    BLANK,
    BODY_MOST,
    AgreementDraft,
    ClusterFace,
    PapersDraft,
    accept,
    note_trial,
    publish_agreement,
    set_face,
    set_live,
    set_papers,
    set_papers_picture,
)
from yunju.members.actions.parks import SiteDraft, end_seat, give_seat, make_park, make_site
from yunju.members.actions.payees import (
    AccountDraft,
    PayeeDraft,
    reveal_account_numbers,
    set_payee,
    set_payout_account,
)
from yunju.members.actions.roles import end_role, grant_role
from yunju.members.actions.users import UserDraft, change_password, edit_user, make_user, sign_up
from yunju.members.actions.visits import begin_visit, end_visit, going_on, unmask
from yunju.members.actions.wording import set_forbidden_words

__all__ = [
    "BLANK",
    "BODY_MOST",
    "AccountDraft",
    "AddressDraft",
    "AgreementDraft",
    "ClusterDraft",
    "ClusterFace",
    "ClusterRules",
    "LicenceDraft",
    "MemberDraft",
    "PapersDraft",
    "PayeeDraft",
    "SiteDraft",
    "UserDraft",
    "accept",
    "add_address",
    "admit_capacity",
    "ask_capacity",
    "begin_visit",
    "change_password",
    "check_licence",
    "checked_address",
    "close_member",
    "edit_address",
    "edit_cluster_rules",
    "edit_member",
    "edit_user",
    "end_capacity",
    "end_licence",
    "end_role",
    "end_seat",
    "end_visit",
    "give_seat",
    "going_on",
    "grant_role",
    "hand_in_licence",
    "make_cluster",
    "make_park",
    "make_site",
    "make_user",
    "note_trial",
    "open_member",
    "publish_agreement",
    "refuse_capacity",
    "remove_address",
    "reveal_account_numbers",
    "set_face",
    "set_forbidden_words",
    "set_gateway_merchant",
    "set_live",
    "set_member_reserve",
    "set_papers",
    "set_papers_picture",
    "set_payee",
    "set_payout_account",
    "sign_up",
    "unmask",
]
