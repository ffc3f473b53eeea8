"""The words of ship as data: carriers, what a carrier may say, and how kuaidi100 says it. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from yunju.fulfilment.contract import Label

CARRIERS: Mapping[str, Label] = {
    "sf": Label("顺丰速运", "SF Express"),
    "jd": Label("京东快递", "JD Logistics"),
    "ems": Label("邮政EMS", "EMS"),
    "youzheng": Label("邮政快递包裹", "China Post"),
    "zto": Label("中通快递", "ZTO Express"),
    "yto": Label("圆通速递", "YTO Express"),
    "sto": Label("申通快递", "STO Express"),
    "yunda": Label("韵达快递", "Yunda Express"),
    "jtexpress": Label("极兔速递", "J&T Express"),
    "debang": Label("德邦快递", "Deppon"),
    "other": Label("其他", "Other"),
}


@dataclass(frozen=True, slots=True)
class Word:
    """What a scan says: the state it stands for (none: it is only shown), in words."""

    label: Label
    state: str = ""


WORDS: Mapping[str, Word] = {
    "pending": Word(Label("待揽收", "Waiting for the carrier")),
    "info_received": Word(Label("已接单", "The carrier has the data")),
    "in_transit.collected": Word(Label("已揽收", "Collected"), "in_transit"),
    "in_transit": Word(Label("运输中", "In transit"), "in_transit"),
    "in_transit.forwarded": Word(Label("转寄", "Forwarded"), "in_transit"),
    "exception": Word(Label("疑难件", "A problem on the way")),
    "exception.delayed": Word(Label("延误", "Delayed")),
    "exception.damaged": Word(Label("破损", "Damaged")),
    "exception.customs": Word(Label("清关中", "At customs"), "in_transit"),
    "out_for_delivery": Word(Label("派送中", "Out for delivery"), "out_for_delivery"),
    "attempt_failed": Word(Label("派送未成功", "Delivery was tried"), "out_for_delivery"),
    "available_for_pickup": Word(Label("待取件", "At the pick-up point"), "at_pickup"),
    "delivered": Word(Label("已签收", "Delivered"), "delivered"),
    "delivered.signed": Word(Label("本人签收", "Signed for"), "delivered"),
    "delivered.locker": Word(Label("快递柜取件", "Taken from a locker"), "delivered"),
    "delivered.neighbour": Word(Label("他人代收", "Taken by a neighbour"), "delivered"),
    "delivered.self_pickup": Word(Label("自提", "Fetched"), "delivered"),
    "exception.refused": Word(Label("拒收", "Refused at the door"), "returning"),
    "exception.overdue_pickup": Word(Label("逾期未取", "Not fetched in time"), "returning"),
    "returning": Word(Label("退回中", "On its way back"), "returning"),
    "returned": Word(Label("已退回", "Back with the sender"), "returned"),
    "exception.lost": Word(Label("丢失", "Lost"), "lost"),
    "expired": Word(Label("无后续信息", "No further news")),
}
"""AfterShip's nine words with sub-words, and returns. In the order in which a parcel meets them: ties in time fall so."""

SUPPLIER_MAY_SAY = frozenset({"in_transit", "out_for_delivery", "at_pickup", "delivered"})
"""States a supplier may report by hand. Lost and back are moves of the flow, because money follows them."""

KUAIDI100: Mapping[str, str] = {
    "0": "in_transit",
    "1": "in_transit.collected",
    "2": "exception",
    "3": "delivered.signed",
    "4": "returned",
    "5": "out_for_delivery",
    "6": "returning",
    "7": "in_transit.forwarded",
    "8": "exception.customs",
    "10": "exception.customs",
    "11": "exception.customs",
    "12": "exception.customs",
    "13": "exception.customs",
    "14": "exception.refused",
}
"""`state` of a kuaidi100 push -> our word. Its 4 (退签) is signed for by the sender."""

_NUMBER = re.compile(r"[A-Z0-9][A-Z0-9-]{4,38}[A-Z0-9]", re.ASCII)


def tracking_number(text: str) -> str:
    """A tracking number as we keep it: capitals, no blanks; an empty string for what cannot be one."""
    number = "".join(text.split()).upper()
    return number if _NUMBER.fullmatch(number) else ""


def printable(text: str, length: int) -> str:
    """Words of others without control characters, cut to `length`."""
    return "".join(char for char in text if char.isprintable())[:length]
