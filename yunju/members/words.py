"""The words of members as enumerations, and which role may do what. Pure data."""

from enum import StrEnum


class CapacityKind(StrEnum):
    """What a member does in the cluster. Shopkeepers open their shop themselves; the others are admitted."""

    SUPPLIER = "supplier"
    SHOPKEEPER = "shopkeeper"
    DESIGNER = "designer"
    MAKER = "maker"
    PROVIDER = "provider"
    VENUE = "venue"
    PARK = "park"
    OPERATOR = "operator"


SELF_SERVICE = frozenset({CapacityKind.SHOPKEEPER})
ASKED = frozenset(CapacityKind) - {CapacityKind.OPERATOR}
"""What a member may ask for. An operator is named by the operator, or with the cluster itself."""

MEMBERS_PER_USER = 20
"""Open members that one person may own in a cluster."""

ADDRESSES_PER_USER = 50

CONSENT_VERSION = "2026-11"
"""The text about identity and payout data that pages show now; an older consent is asked again on a change."""


class RefusalReason(StrEnum):
    """Why the operator did not admit a capacity."""

    DOCUMENTS_MISSING = "documents_missing"
    IDENTITY_UNCLEAR = "identity_unclear"
    NOT_IN_SCOPE = "not_in_scope"
    PROHIBITED_GOODS = "prohibited_goods"
    DUPLICATE = "duplicate"


class EndReason(StrEnum):
    """Why a capacity, a seat or a membership ended."""

    OWN_WISH = "own_wish"
    MOVED = "moved"
    LEASE_ENDED = "lease_ended"
    RULES_BROKEN = "rules_broken"
    INACTIVE = "inactive"
    DUPLICATE = "duplicate"


class RoleKind(StrEnum):
    """What a user is to a member."""

    OWNER = "owner"
    MANAGER = "manager"
    STAFF = "staff"
    CASHIER = "cashier"
    AUDITOR = "auditor"
    HELPER = "helper"


class Permission(StrEnum):
    """One thing a role allows for its member. The operator's own words begin with `cluster.`"""

    MEMBER_EDIT = "member.edit"
    ROLES_EDIT = "member.roles"
    PAYEE_EDIT = "member.payee"
    OFFER_EDIT = "offer.edit"
    RULE_EDIT = "offer.rule"
    STOCK_EDIT = "stock.edit"
    SHOP_EDIT = "shop.edit"
    ORDER_SEE = "order.see"
    ORDER_SHIP = "order.ship"
    CASE_ANSWER = "case.answer"
    MONEY_SEE = "money.see"
    PAYOUT_ASK = "payout.ask"
    CLUSTER_ADMIT = "cluster.admit"
    CLUSTER_RULES = "cluster.rules"
    CLUSTER_ORDERS = "cluster.orders"
    CLUSTER_CASES = "cluster.cases"
    CLUSTER_MONEY = "cluster.money"
    CLUSTER_PAYOUT = "cluster.payout"
    CLUSTER_VISIT = "cluster.visit"


_P = Permission
CASHIER = frozenset({_P.ORDER_SEE})
HELPER = CASHIER | {_P.OFFER_EDIT, _P.STOCK_EDIT, _P.ORDER_SHIP, _P.CASE_ANSWER}
"""Somebody who lists, ships and answers for a seller: no money, no roles, no payee, and no word on who earns."""

STAFF = HELPER | {_P.SHOP_EDIT, _P.RULE_EDIT}
MANAGER = STAFF | {_P.MEMBER_EDIT, _P.MONEY_SEE, _P.PAYOUT_ASK}
OWNER = MANAGER | {_P.ROLES_EDIT, _P.PAYEE_EDIT}
AUDITOR = frozenset({_P.ORDER_SEE, _P.MONEY_SEE})

GRANTS: dict[RoleKind, frozenset[Permission]] = {
    RoleKind.OWNER: OWNER,
    RoleKind.MANAGER: MANAGER,
    RoleKind.STAFF: STAFF,
    RoleKind.CASHIER: CASHIER,
    RoleKind.AUDITOR: AUDITOR,
    RoleKind.HELPER: HELPER,
}

OPERATOR_GRANTS: dict[RoleKind, frozenset[Permission]] = {
    RoleKind.OWNER: frozenset(
        {
            _P.CLUSTER_ADMIT,
            _P.CLUSTER_RULES,
            _P.CLUSTER_ORDERS,
            _P.CLUSTER_CASES,
            _P.CLUSTER_MONEY,
            _P.CLUSTER_PAYOUT,
            _P.CLUSTER_VISIT,
        }
    ),
    RoleKind.MANAGER: frozenset(
        {_P.CLUSTER_ADMIT, _P.CLUSTER_ORDERS, _P.CLUSTER_CASES, _P.CLUSTER_MONEY, _P.CLUSTER_PAYOUT}
    ),
    RoleKind.STAFF: frozenset({_P.CLUSTER_ORDERS, _P.CLUSTER_CASES}),
    RoleKind.CASHIER: frozenset(),
    RoleKind.AUDITOR: frozenset({_P.CLUSTER_ORDERS, _P.CLUSTER_MONEY}),
    RoleKind.HELPER: frozenset(),
}
"""What a role adds when its member is the operator of the cluster."""


class IdKind(StrEnum):
    """Kinds of identity document of a payee."""

    RESIDENT = "resident"
    PASSPORT = "passport"
    HK_MACAO = "hk_macao"
    TAIWAN = "taiwan"
    CREDIT_CODE = "credit_code"


class Exemption(StrEnum):
    """Ground on which a payee needs no business licence (E-Commerce Law, Art. 10)."""

    NONE = ""
    HANDICRAFT = "handicraft"
    FARM_PRODUCE = "farm_produce"
    CONVENIENCE_LABOUR = "convenience_labour"
    SMALL_SPORADIC = "small_sporadic"


class LicenceKind(StrEnum):
    """Papers that a member may have to show before it sells certain things."""

    BUSINESS = "business"
    FOOD = "food"
    FOOD_WORKSHOP = "food_workshop"
    ALCOHOL = "alcohol"
    PUBLICATION = "publication"
    PERFORMANCE = "performance"
    NETWORK_CULTURE = "network_culture"
    ART = "art"
    RELIC = "relic"
    COSMETICS = "cosmetics"
    MEDICAL_DEVICE = "medical_device"
    PRODUCT_SAFETY = "product_safety"
    TRADEMARK = "trademark"
    OTHER = "other"


class LicenceRefusal(StrEnum):
    """Why the operator did not accept a paper."""

    UNREADABLE = "unreadable"
    NOT_THE_MEMBERS = "not_the_members"
    NUMBER_DIFFERS = "number_differs"
    ENDED = "ended"
    WRONG_KIND = "wrong_kind"


LICENCE_WARN_DAYS = (90, 30, 7)
"""How many days before the end of a paper its member hears of it."""

VISIT_MINUTES = 30
"""How long somebody of the operator may look at the site as a member's person."""


class Channel(StrEnum):
    """Where a payout goes."""

    BANK = "bank"
    WECHAT = "wechat"
    ALIPAY = "alipay"
