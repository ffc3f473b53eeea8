"""Who is in the demonstration: a cluster with its operator, a park, suppliers, shops, buyers. All through actions."""

from dataclasses import dataclass, field
from datetime import timedelta

from yunju.catalog.actions.categories import CategoryFields, make_category
from yunju.catalog.actions.freight import set_freight
from yunju.catalog.actions.rules import set_fees
from yunju.catalog.terms import Terms
from yunju.cli.demo.shelf import CATEGORIES, STUDIOS, Studio
from yunju.kernel import clock
from yunju.kernel.actor import Actor, system
from yunju.members import actions, identity
from yunju.members.models import Cluster, Member, Park, Site, User
from yunju.members.queries import actor_for, operator_of
from yunju.members.words import CONSENT_VERSION
from yunju.shops.actions import open_shop
from yunju.shops.models import Shop

CODE = "demo"
DOMAIN = "demo.example"
"""Of every address of the demonstration; no host of that name can exist."""

NAME = "demo"  # as whom the software acts, in event rows
PASSWORD = "qingci-lantern-88"  # noqa: S105 - printed for everybody, and good for nothing but play
PLATFORM_BP, PARK_BP = 300, 200
FIRMS = ("91", "MADEM")
"""Credit codes of the demonstration: right by form and check character, given to nobody."""


@dataclass(frozen=True, slots=True)
class LogIn:
    """Somebody who can sign in, and as what."""

    role_zh: str
    role_en: str
    email: str
    name: str
    phone: str = ""

    def line(self) -> str:
        return f"{self.role_zh} {self.role_en}: {self.email}  {PASSWORD}  {self.phone}".rstrip()


OPERATOR = LogIn("运营", "operator", "operator@demo.example", "陈立", "13800138001")
SUPPLIER = LogIn("商家", "supplier", "supplier@demo.example", "江禾", "13800138002")
SHOPKEEPER = LogIn("店主", "shopkeeper", "shop@demo.example", "苏小满", "13800138003")
BUYER = LogIn("买家", "buyer", "buyer@demo.example", "周明", "13800138004")
SECOND = LogIn("运营复核", "operator, second person", "second@demo.example", "何静", "13800138005")
SHOWN = (OPERATOR, SUPPLIER, SHOPKEEPER, BUYER, SECOND)
AGENT = LogIn("代运营", "agent", "agent@demo.example", "吴桐")
DESIGNER = LogIn("设计师", "designer", "designer@demo.example", "林夏")
SECOND_SHOP = LogIn("店主", "shopkeeper", "shop2@demo.example", "赵一鸣")
THIRD_SHOP = LogIn("店主", "shopkeeper", "shop3@demo.example", "钱多多")
ALL = (*SHOWN, AGENT, DESIGNER, SECOND_SHOP, THIRD_SHOP)

SHOPS = (
    (SHOPKEEPER, "小满的手作小铺", "只选我自己用过的东西。\n\nI only pick what I use myself."),
    (SECOND_SHOP, "一鸣茶事", "喝茶用得上的，都在这里。\n\nEverything for tea."),
    (THIRD_SHOP, "钱多多的礼物店", "送人不用想。\n\nGifts without thinking."),
)


@dataclass(slots=True)
class Market:
    """Everybody, once made. `suppliers` by the key of their category."""

    cluster: Cluster
    users: dict[str, User]
    operator: Member
    designer: Member
    suppliers: dict[str, Member] = field(default_factory=dict)
    shops: list[Shop] = field(default_factory=list)

    @property
    def software(self) -> Actor:
        return system(self.cluster.pk, NAME)

    def actor(self, who: LogIn) -> Actor:
        """That person with the roles they have now."""
        return actor_for(self.users[who.email], self.cluster)

    def person(self, user_id: int) -> Actor:
        """Anybody by the id of their log-in, with the roles they have now."""
        return actor_for(User.objects.get(pk=user_id), self.cluster)

    def owner_of(self, category: str) -> Actor:
        """Whoever acts for the supplier."""
        return self.actor(SUPPLIER if category == STUDIOS[0].category else AGENT)


def make_market() -> Market:
    """The cluster and everybody in it, with fees, categories and freight."""
    users = {who.email: _user(who) for who in ALL}
    draft = actions.ClusterDraft(CODE, "云上文创集聚区", "Cloud Creative Cluster")
    cluster = actions.make_cluster(draft=draft, owner_id=users[OPERATOR.email].pk, by=system(0, NAME))
    operator = Member.objects.get(pk=operator_of(cluster.pk))
    market = Market(cluster, users, operator, operator)
    by = market.actor(OPERATOR)
    actions.grant_role(member_id=operator.pk, email=SECOND.email, kind="manager", by=by)
    papers(operator, 1, by)
    fees = {"platform": Terms(bp=PLATFORM_BP), "park": Terms(bp=PARK_BP)}
    set_fees(**fees, effective_at=clock.now(), by=by)
    for position, (code, chinese, english) in enumerate(CATEGORIES):
        make_category(fields=CategoryFields(code, chinese, english, position), by=by)
    park, sites = _park(market)
    for number, studio in enumerate(STUDIOS, start=11):
        member = _supplier(market, studio, number)
        site = None if studio.site is None else sites[studio.site].pk
        actions.give_seat(member_id=member.pk, park_id=park.pk, site_id=site, by=by)
        market.suppliers[studio.category] = member
    market.designer = _designer(market)
    _applicant(market)
    market.shops = [_shop(market, *shop, number) for number, shop in enumerate(SHOPS, start=31)]
    return market


def _user(who: LogIn) -> User:
    draft = actions.UserDraft(email=who.email, password=PASSWORD, name=who.name, phone=who.phone)
    return actions.make_user(draft=draft, by=system(0, NAME))


def phone(number: int) -> str:
    return f"+86138000{number:05}"


def papers(member: Member, number: int, by: Actor) -> None:
    """Who is paid and where to: right by form, nobody's in fact."""
    if member.kind == "organisation":
        body = f"{FIRMS[0]}340202{FIRMS[1]}{number:04}"
        code = body + identity.credit_check(body)
        draft = actions.PayeeDraft(
            member.name, "credit_code", code, licence_no=code, consent_version=CONSENT_VERSION
        )
    else:
        body = f"34020219{80 + number % 20}0101{number:03}"
        code = body + identity.resident_check(body)
        draft = actions.PayeeDraft(
            by.name, "resident", code, exemption="small_sporadic", consent_version=CONSENT_VERSION
        )
    actions.set_payee(member_id=member.pk, draft=draft, by=by)
    number_at_bank = f"622202000000{number:07}"
    account = actions.AccountDraft("bank", draft.real_name, number_at_bank, "中国工商银行芜湖分行")
    actions.set_payout_account(member_id=member.pk, draft=account, by=by)


def _firm(market: Market, who: LogIn, draft: actions.MemberDraft, capacity: str) -> Member:
    return actions.open_member(kind="organisation", draft=draft, capacity=capacity, by=market.actor(who))


def _park(market: Market) -> tuple[Park, list[Site]]:
    """The operator's own park, as often: its second person runs it."""
    story = "老纺织厂改的园区，一头在芜湖，一头在苏州。\n\nAn old mill in Wuhu with a second site in Suzhou."
    draft = actions.MemberDraft("云集文创园", phone(2), "安徽", "芜湖", story)
    member = _firm(market, SECOND, draft, "park")
    papers(member, 2, market.actor(SECOND))
    by = market.actor(OPERATOR)
    actions.admit_capacity(member_id=member.pk, kind="park", by=by)
    park = actions.make_park(member_id=member.pk, name=member.name, by=by)
    sites = (
        actions.SiteDraft("长江路站", "安徽", "芜湖", "镜湖区长江路 18 号"),
        actions.SiteDraft("平江路站", "江苏", "苏州", "姑苏区平江路 66 号"),
    )
    own = market.actor(SECOND)
    return park, [actions.make_site(park_id=park.pk, draft=site, by=own) for site in sites]


def _supplier(market: Market, studio: Studio, number: int) -> Member:
    who = SUPPLIER if studio is STUDIOS[0] else AGENT
    draft = actions.MemberDraft(studio.name, phone(number), studio.province, studio.city, studio.story)
    member = _firm(market, who, draft, "supplier")
    own = market.actor(who)
    papers(member, number, own)
    merchant = f"SUB19000000{number}"
    by = market.actor(OPERATOR)
    actions.admit_capacity(member_id=member.pk, kind="supplier", gateway_merchant=merchant, by=by)
    set_freight(supplier_id=member.pk, terms=studio.freight, by=own)
    member.refresh_from_db()
    return member


def _designer(market: Market) -> Member:
    story = "做图案和包装，住在大理，和芜湖、苏州的作坊一起干活。\n\nPatterns and packaging, from Dali."
    draft = actions.MemberDraft("林夏图案工作室", phone(3), "云南", "大理", story)
    by = market.actor(DESIGNER)
    member = actions.open_member(kind="person", draft=draft, capacity="designer", by=by)
    papers(member, 3, market.actor(DESIGNER))
    actions.admit_capacity(member_id=member.pk, kind="designer", by=market.actor(OPERATOR))
    return member


def _applicant(market: Market) -> None:
    """Somebody for the operator to admit, whose papers are still missing."""
    story = "徽墨、歙砚，等着上架。\n\nInk and inkstones, waiting to be admitted."
    draft = actions.MemberDraft("徽州墨庄", phone(4), "安徽", "黄山", story)
    with clock.at(clock.now() + timedelta(days=20)):
        _firm(market, AGENT, draft, "supplier")


def _shop(market: Market, who: LogIn, name: str, intro: str, number: int) -> Shop:
    shop = open_shop(name=name, phone=phone(number), intro=intro, by=market.actor(who))
    if who is not THIRD_SHOP:  # whose page shows what is missing before a payout
        papers(shop.member, number, market.actor(who))
    return shop
