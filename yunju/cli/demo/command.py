"""`yunju demo`: a market to try, through the same actions as the web. Prints its log-ins and nothing else.

Days go by under the clock of the demonstration, in seconds: purchases in every state, a payout run, cases. The large
one (thirty studios, forty shops, four hundred offers, ninety days) is for people; `--small` (eight studios, three shops,
forty offers, thirty days) is what tests start with.
"""

import argparse
from datetime import datetime, timedelta

from django.db import transaction

from yunju.cli.demo.colour import Colour
from yunju.cli.demo.crowd import Crowd, join
from yunju.cli.demo.crowd_trade import DAYS as CROWD_DAYS
from yunju.cli.demo.crowd_trade import CrowdTrade
from yunju.cli.demo.gateway import Gateway
from yunju.cli.demo.goods import Good, fill_shops, stock_shelf
from yunju.cli.demo.lives import Story, tell
from yunju.cli.demo.payout import pay_out
from yunju.cli.demo.people import BUYER, CODE, OPERATOR, SHOWN, Market, make_market
from yunju.cli.demo.trade import HOMES, Trade, Wish
from yunju.cli.say import Stop, say
from yunju.kernel import clock, loops, sql
from yunju.members import actions
from yunju.members.actions.steps import note
from yunju.members.models import Cluster, MemberEvent, User

OPENED_DAYS_AGO = 45
"""The small one; the large one by so many days earlier as its trade is long."""

PAYOUT_HOURS_AGO = 96
FINISHED = "demo.finished"
DAY = 24
REFUSAL = (
    "There is a cluster here already, and nothing is mixed with it. "
    "The demonstration is for an empty installation; `yunju up --no-demo` starts without."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Refuses where there is a cluster already. Needs the simulated gateway that `yunju up` starts."
    )
    parser.add_argument("--small", action="store_true", help="forty offers and thirty days instead of all")


def run(args: argparse.Namespace) -> int:
    if Cluster.objects.exists():
        _require_unfinished()
    else:
        _fill(small=args.small)
    for who in SHOWN:
        say(who.line())
    return 0


def _require_unfinished() -> None:
    """A demonstration that was killed on its way is kept as far as it came: `yunju up` goes on with it."""
    codes = list(Cluster.objects.values_list("code", flat=True)[:2])
    is_ours = codes == [CODE] and User.objects.filter(email=OPERATOR.email).exists()
    if not is_ours or MemberEvent.objects.filter(what=FINISHED).exists():
        raise Stop(REFUSAL)


def _fill(*, small: bool) -> None:
    gateway, now = Gateway(), clock.now()
    gateway.await_health()
    # What a crash of the server would lose here is made again; the last write waits for the disk for all of them.
    sql.execute("SET synchronous_commit TO off")
    with loops.paused(), gateway.own_clock():
        market, goods, crowd = _open(now, small=small)
        trade = Trade(market, goods, gateway, now)
        for story in stories():
            tell(trade, story)
        trade.later(now - timedelta(hours=PAYOUT_HOURS_AGO), lambda: pay_out(market))
        if crowd is not None:
            CrowdTrade(trade, crowd).plan()
        trade.run()
        if crowd is not None:
            with clock.at(now):
                Colour(market, crowd).add()
                trade.do_due()
        sql.execute("SET synchronous_commit TO on")
        note(market.software, FINISHED)


def _open(now: datetime, *, small: bool) -> tuple[Market, list[Good], Crowd | None]:
    """Everybody and the whole shelf, or nothing: a kill on the way leaves an empty installation."""
    days = OPENED_DAYS_AGO if small else OPENED_DAYS_AGO + CROWD_DAYS
    with transaction.atomic():
        with clock.at(now - timedelta(days=days)):
            market = make_market()
            goods = stock_shelf(market)
            fill_shops(market, goods)
            home = HOMES[0]
            address = actions.AddressDraft(
                home.name, home.phone, home.province, home.city, home.district, home.street
            )
            actions.add_address(draft=address, by=market.actor(BUYER))
        if small:
            return market, goods, None
        with clock.at(now - timedelta(days=days - 2)):
            return market, goods, join(market)


def stories() -> list[Story]:
    """About sixty purchases. The shown log-ins meet every state: `ceramics` is the supplier's, shop 0 the shopkeeper's."""
    return [*_long_ago(), *_under_way(), *_troubles(), *_never_paid()]


def _long_ago() -> list[Story]:
    """Received and released, some paid out since."""
    found = []
    for n in range(24):
        wish = Wish(is_shown_buyer=n % 6 == 0, shop=(0, None, 1, 0, 2)[n % 5], lines=1 + n % 3)
        found.append(Story((30 - n * 0.65) * DAY, "received", wish))
    return found


def _under_way() -> list[Story]:
    """What is still on its way to the buyer or to its release."""
    lives = (
        ("received", (11, 10, 9, 8, 7, 6)),
        ("delivered", (13, 12, 5, 4)),
        ("in_transit", (2.4, 2.2, 2, 1.8)),
        ("packed", (1, 0.9, 0.85)),
        ("to_pack", (4.2, 1.6, 0.7, 0.5, 0.3, 0.1)),
    )
    found = []
    for life, ages in lives:
        for n, age in enumerate(ages):
            wish = Wish(n == 0, (0, None, 1, 0, 2)[n % 5], "ceramics" if n < 2 else "", 1 if n < 2 else 2)
            found.append(Story(age * DAY, life, wish))
    return found


def _troubles() -> list[Story]:
    mine = Wish(is_shown_buyer=True, shop=0, category="ceramics")
    return [
        Story(21 * DAY, "refunded_after_release", Wish(shop=2, category="toys")),
        Story(20 * DAY, "goodwill", Wish(shop=0, category="bamboo")),
        Story(6 * DAY, "goodwill", mine),
        Story(16 * DAY, "cancelled", Wish(shop=1, category="teaware")),
        Story(3 * DAY, "cancelled", Wish(is_shown_buyer=True, category="silver")),
        Story(14 * DAY, "cancelled_late", Wish(category="textile")),
        Story(12 * DAY, "lost", Wish(shop=0, category="ceramics")),
        Story(11 * DAY, "returned", Wish(category="prints")),
        Story(9 * DAY, "sent_back", Wish(shop=0, category="textile")),
        Story(6 * DAY, "returning", Wish(shop=2, category="toys")),
        Story(4 * DAY, "asked", mine),
        Story(4.2 * DAY, "asked", Wish(category="letterpress")),
        Story(6 * DAY, "refused", Wish(shop=0, category="bamboo")),
        Story(7 * DAY, "disputed", Wish(is_shown_buyer=True, shop=0, category="prints")),
        Story(5 * DAY, "refunded_unsent", Wish(category="letterpress")),
    ]


def _never_paid() -> list[Story]:
    return [
        Story(8 * DAY, "expired", Wish(shop=0)),
        Story(1.2 * DAY, "expired", Wish(is_shown_buyer=True, shop=1)),
        Story(2 * DAY, "given_up", Wish(shop=0)),
        Story(0.02, "waiting", Wish(is_shown_buyer=True, shop=0, lines=2)),
        Story(0.01, "waiting", Wish(shop=2)),
    ]
