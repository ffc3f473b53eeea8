"""What makes the large demonstration a place: looks at shops, material, reviews, questions, papers, a round of figures."""

import io
import random
from dataclasses import dataclass, field
from datetime import timedelta

from yunju.catalog.actions import sales
from yunju.catalog.actions.keeping import set_low_stock, set_presale
from yunju.catalog.actions.materials import add_material
from yunju.catalog.models import Offer, Variant
from yunju.cli.demo.crowd import Crowd
from yunju.cli.demo.people import OPERATOR, SHOPKEEPER, Market
from yunju.cli.demo.pictures import picture
from yunju.filings.actions import FormDraft, keep_return, make_form, open_round
from yunju.filings.words import Quarter
from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.members.actions.papers import PapersDraft, set_papers
from yunju.members.models import Member
from yunju.members.words import CapacityKind
from yunju.orders.models import Line, Order
from yunju.shops.actions import mark_posted
from yunju.shops.looks import Look, Notebook
from yunju.shops.models import Listing, Shop
from yunju.talks.actions import reviews, threads

SEED = 20_260_903
LOOK_DAYS = 30
MATERIAL = 60
"""Offers with material, of all that can be picked."""

POSTS = (
    "{title}到啦！{studio}新做的，手感真的不一样，点开看看。",
    "有人问我送长辈送什么好，我会选这个：{title}。",
    "{title}，{studio}的手艺。不催单，不忽悠，喜欢再带走。",
    "今天上新：{title}。第一批不多，卖完要等下一窑。",
)
WORDS = (
    (5, "做工比想象中细，包装也用心。"),
    (5, "送人很体面，朋友很喜欢。"),
    (4, "颜色比图片深一点，但更耐看。"),
    (5, "第二次买了，物流快。"),
    (4, "尺寸合适，就是盒子有点压到。"),
    (3, "东西不错，发货慢了一天。"),
    (5, "孩子一下午没撒手。"),
    (2, "收到有一点小瑕疵，客服处理得还算及时。"),
)
ANSWERS = ("谢谢喜欢，有问题随时找我们。", "抱歉让您久等了，下次给您备注优先。")
QUESTIONS = (
    ("请问可以加一张手写贺卡吗？", "可以的，写好内容发我们就行。"),
    ("能开发票吗？抬头是公司。", "可以，收货后把抬头和税号发来。"),
    ("大概几号能发出？周末要用。", "明天就发，顺丰的话周五能到。"),
    ("颜色能换成浅一点的吗？", ""),
    ("收到有点磕碰，怎么处理？", ""),
)


@dataclass(slots=True)
class Colour:
    """Adds to what trade has left. `now` is when the demonstration was started."""

    market: Market
    crowd: Crowd
    chance: random.Random = field(default_factory=lambda: random.Random(SEED))  # noqa: S311 - a story, no secret

    def add(self) -> None:
        self._papers()
        self._shelf()
        self._material()
        self._looks()
        self._reviews()
        self._questions()
        self._figures()

    def _papers(self) -> None:
        """As complete as a demonstration may be: nothing in it is a number that anybody holds."""
        draft = PapersDraft(
            firm="云集文创园运营（演示）",
            icp_no="演示ICP备00000000号",
            address="安徽省芜湖市镜湖区长江路 18 号",
            complaint_phone="0553-0000000",
        )
        set_papers(draft=draft, by=self.market.actor(OPERATOR))

    def _shelf(self) -> None:
        """Something to be sold before it is made, and a mark below which pieces are few."""
        day = clock.local_day(clock.now(), self.market.cluster.timezone)
        for good in self.crowd.goods[5::120]:
            owner = self.crowd.owners[good.supplier_id]
            set_presale(offer_id=good.offer.pk, variant_id=None, ship_from=day + timedelta(days=18), by=owner)
        self._sales()
        for supplier_id, owner in list(self.crowd.owners.items())[:8]:
            set_low_stock(supplier_id=supplier_id, low_stock=8, by=owner)

    def _sales(self) -> None:
        """Flash sales of one studio: two that run, one to come."""
        owner, now = self.market.owner_of("ceramics"), clock.now()
        mine = Variant.objects.filter(offer__supplier=self.market.suppliers["ceramics"], closed_at=None)
        for number, variant in enumerate(mine.order_by("pk")[:3]):
            begins = now + timedelta(days=number // 2)
            terms = sales.Terms(
                price_minor=variant.price_minor * 7 // 10,
                starts_at=begins,
                ends_at=begins + timedelta(days=2),
                quota=20,
                per_buyer=2,
            )
            sales.make(variant_id=variant.pk, terms=terms, by=owner)

    def _material(self) -> None:
        shown = self.market.owner_of("ceramics")
        first = Offer.objects.filter(supplier=self.market.suppliers["ceramics"]).order_by("pk")
        wanted: list[tuple[Offer, Actor, tuple[str, str, int | None]]]
        wanted = [(offer, shown, ("ceramics", offer.title, None)) for offer in first]
        for good in self.crowd.goods[: MATERIAL - len(wanted)]:
            drawn = (good.category, good.piece, good.style)
            wanted.append((good.offer, self.crowd.owners[good.supplier_id], drawn))
        for number, (offer, owner, (category, piece, style)) in enumerate(wanted):
            text = POSTS[number % len(POSTS)].format(title=offer.title, studio=offer.brand)
            seeds = range(2_000 + number, 2_001 + number + number % 3)
            files = [io.BytesIO(picture(category, seed, piece, style)) for seed in seeds]
            material = add_material(offer_id=offer.pk, text=text, files=files, by=owner)
            if number == 0:
                keeper = self.market.actor(SHOPKEEPER)
                mark_posted(shop_id=self.market.shops[0].pk, material_id=material.pk, by=keeper)

    # --- shops ------------------------------------------------------------------------------------------------------

    def _looks(self) -> None:
        """Thirty days of looks: most by link, some by poster; the shop whose log-in is shown has more than others."""
        book = Notebook()
        shops = [*self.market.shops, *(shop for shop, _ in self.crowd.shops[:12])]
        for place, shop in enumerate(shops):
            codes = list(
                Listing.objects.filter(shop=shop, ended_at=None).values_list("offer__code", flat=True)[:20]
            )
            for days in range(LOOK_DAYS):
                self._look(book, shop, codes, days, 30 if place == 0 else 6)
            book.write()

    def _look(self, book: Notebook, shop: Shop, codes: list[str], days: int, most: int) -> None:
        for _ in range(self.chance.randint(most // 3, most)):
            at = clock.now() - timedelta(days=days, minutes=self.chance.randint(0, 600))
            browser = f"{self.chance.getrandbits(20):064x}"
            source = self.chance.choice(("link", "link", "link", "poster"))
            if at > shop.opened_at:
                book.note(Look(shop.pk, self.chance.choice(["", *codes]), source, browser), at)

    # --- what buyers say --------------------------------------------------------------------------------------------

    def _reviews(self) -> None:
        received = Order.objects.filter(
            cluster_id=self.market.cluster.pk, fulfilment_state="received"
        ).order_by("pk")
        for number, order in enumerate(received):
            if number % 2:
                continue
            line = Line.objects.filter(order_id=order.pk, kind="goods").order_by("seq").first()
            stars, words = WORDS[number // 2 % len(WORDS)]
            if line is None or order.received_at is None:
                continue
            with clock.at(min(order.received_at + timedelta(hours=20), clock.now())):
                found = reviews.write(
                    line_id=line.pk, draft=reviews.Draft(stars, words), by=self._buyer(order)
                )
                if number % 6 == 0:
                    words = ANSWERS[0 if stars > 3 else 1]
                    reviews.answer(code=found.code, words=words, by=self._supplier(order))

    def _questions(self) -> None:
        """Answered ones from before, and two that still wait."""
        paid = Order.objects.filter(
            cluster_id=self.market.cluster.pk, fulfilment_state__in=("packed", "to_pack", "received")
        )
        for (question, answer), order in zip(QUESTIONS, paid.order_by("-pk")[:40:8], strict=False):
            asked = clock.now() - timedelta(hours=20)
            if order.purchase.placed_at > asked - timedelta(hours=1):
                asked = clock.now() - timedelta(minutes=5)
            with clock.at(asked):
                threads.say(order_id=order.pk, words=question, by=self._buyer(order))
            if answer:
                with clock.at(asked + timedelta(minutes=3)):
                    threads.say(order_id=order.pk, words=answer, by=self._supplier(order))

    def _buyer(self, order: Order) -> Actor:
        purchase = order.purchase
        if purchase.user_id is not None:
            return self.market.person(purchase.user_id)
        return Actor(cluster_id=order.cluster_id, holder=purchase.holder)

    def _supplier(self, order: Order) -> Actor:
        supplier_id = order.supplier_id or 0
        if supplier_id in self.crowd.owners:
            return self.crowd.owners[supplier_id]
        return self.market.owner_of(
            next(key for key, one in self.market.suppliers.items() if one.pk == supplier_id)
        )

    # --- the operator -----------------------------------------------------------------------------------------------

    def _figures(self) -> None:
        """The quarter before is asked for; a third have handed in."""
        columns = (
            {"code": "revenue", "name": "营业收入", "kind": "money", "unit": "元", "required": True},
            {"code": "tax", "name": "税收", "kind": "money", "unit": "元", "required": True},
            {"code": "staff", "name": "从业人数", "kind": "count", "unit": "人", "required": True},
        )
        by, today = self.market.actor(OPERATOR), clock.local_day(clock.now(), self.market.cluster.timezone)
        form = make_form(draft=FormDraft("文化产业季度统计", columns, title="文化产业园区季度统计表"), by=by)
        made = open_round(
            form_id=form.pk,
            quarter=Quarter.of(today).before(),
            due_at=clock.now() + timedelta(days=9),
            kinds=[CapacityKind.SUPPLIER.value],
            by=by,
        )
        for number, member in enumerate(Member.objects.filter(pk__in=self.crowd.owners).order_by("pk")):
            if number % 3 == 0:
                typed = {
                    "revenue": str(180_000 + 23_450 * number),
                    "tax": str(4_100 + 310 * number),
                    "staff": str(3 + number % 9),
                }
                keep_return(
                    round_id=made.pk,
                    member_id=member.pk,
                    typed=typed,
                    hand_in=True,
                    by=self.crowd.owners[member.pk],
                )
