"""The columns that a file of parcels may have, usual layouts of them, and how people head the columns of numbers. Pure."""

import re
from collections.abc import Mapping, Sequence

from yunju.fulfilment.contract import Label
from yunju.kernel.errors import Invalid
from yunju.modes.ship.words import CARRIERS

PER_FILE = 5_000
MOST_HEADING = 40

COLUMNS: Mapping[str, Label] = {
    "number": Label("订单号", "Order number"),
    "carrier": Label("快递公司", "Carrier"),
    "tracking_no": Label("快递单号", "Tracking number"),
    "name": Label("收件人", "Recipient"),
    "phone": Label("收件电话", "Phone"),
    "province": Label("省", "Province"),
    "city": Label("市", "City"),
    "district": Label("区", "District"),
    "street": Label("详细地址", "Street"),
    "address": Label("完整地址", "Whole address"),
    "goods": Label("商品", "Goods"),
    "skus": Label("商家编码", "Your codes"),
    "pieces": Label("件数", "Pieces"),
    "weight_g": Label("重量（克）", "Weight in grams"),
    "note": Label("买家备注", "Buyer's note"),
    "placed_at": Label("下单时间", "Placed at"),
    "ship_by": Label("最晚发货", "Send before"),
    "wave": Label("波次", "Wave"),
    "total": Label("订单金额", "Amount"),
    "sender": Label("发件人", "Sender"),
    "sender_phone": Label("发件电话", "Sender's phone"),
    "sender_address": Label("发件地址", "Sender's address"),
}

Layout = tuple[tuple[str, str], ...]
"""Columns in their order, each with its heading; an empty heading is the column's own word."""

PRESETS: Mapping[str, tuple[Label, Layout]] = {
    "plain": (
        Label("通用", "Plain"),
        tuple(
            (name, "")
            for name in (
                *("number", "carrier", "tracking_no", "name", "phone", "province", "city", "district"),
                *("street", "goods", "skus", "pieces", "note", "ship_by", "wave"),
            )
        ),
    ),
    "batch": (
        Label("打单软件", "Label printing software"),
        (
            ("number", "订单编号"),
            ("name", "收件人姓名"),
            ("phone", "收件人手机"),
            ("province", "收件省"),
            ("city", "收件市"),
            ("district", "收件区/县"),
            ("street", "收件详细地址"),
            ("goods", "物品信息"),
            ("pieces", "数量"),
            ("note", "备注"),
            ("sender", "发件人姓名"),
            ("sender_phone", "发件人手机"),
            ("sender_address", "发件详细地址"),
        ),
    ),
    "carrier": (
        Label("快递公司批量下单", "A carrier's bulk form"),
        (
            ("number", "客户订单号"),
            ("name", "收方姓名"),
            ("phone", "收方手机"),
            ("address", "收方详细地址"),
            ("goods", "托寄物内容"),
            ("pieces", "托寄物数量"),
            ("weight_g", "重量(g)"),
            ("note", "运单备注"),
        ),
    ),
}
"""In the shape that common tools of carriers take; a supplier renames what their own tool calls otherwise."""

DEFAULT = PRESETS["plain"][1]


def checked(columns: Sequence[tuple[str, str]]) -> Layout:
    """A layout that can be kept: known columns, each once, the order's number among them (numbers come back by it)."""
    kept = tuple((name, " ".join(heading.split())) for name, heading in columns)
    for name, heading in kept:
        if name not in COLUMNS:
            raise Invalid("ship.layout_column", field="columns", name=name[:40])
        if len(heading) > MOST_HEADING:
            raise Invalid("ship.layout_heading", field=f"heading_{name}", most=MOST_HEADING)
    names = [name for name, _heading in kept]
    if len(set(names)) != len(names):
        raise Invalid("ship.layout_twice", field="columns")
    if "number" not in names:
        raise Invalid("ship.layout_number", field="columns")
    return kept


_HEADS: Mapping[str, frozenset[str]] = {
    "number": frozenset(
        [
            "订单号",
            "订单编号",
            "商家订单号",
            "客户订单号",
            "平台订单号",
            "订单",
            "ordernumber",
            "orderno",
            "order",
            "number",
        ]
    ),
    "carrier": frozenset(
        [
            "快递公司",
            "物流公司",
            "承运商",
            "快递",
            "物流",
            "快递名称",
            "物流公司名称",
            "carrier",
            "courier",
            "shippingcarrier",
        ]
    ),
    "tracking_no": frozenset(
        [
            "快递单号",
            "运单号",
            "物流单号",
            "运单编号",
            "快递运单号",
            "单号",
            "面单号",
            "trackingnumber",
            "trackingno",
            "tracking",
            "waybill",
        ]
    ),
}
_IGNORED = re.compile(r"[\s_\-*（）()：:.#]+")


def places_of(header: Sequence[str], own: Layout) -> dict[str, int]:
    """Which column of a file holds what: by the supplier's own headings first, then by all usual ones."""
    found: dict[str, int] = {}
    renamed = {_folded(heading): name for name, heading in own if heading and name in _HEADS}
    for place, cell in enumerate(header):
        word = _folded(cell)
        name = renamed.get(word) or next((key for key, words in _HEADS.items() if word in words), "")
        if name:
            found.setdefault(name, place)
    return found


def _folded(text: str) -> str:
    return _IGNORED.sub("", text.replace("﻿", "")).lower()


_CARRIERS: Mapping[str, str] = {
    **{code: code for code in CARRIERS},
    **{_folded(word): code for code, label in CARRIERS.items() for word in (label.zh, label.en)},
    **{
        _folded(word): code
        for code, words in {
            "sf": "顺丰 顺丰快递 顺丰标快 顺丰特快 shunfeng",
            "jd": "京东 京东物流 jdl jingdong",
            "ems": "ems快递 中国邮政ems 邮政特快专递",
            "youzheng": "邮政 中国邮政 邮政小包 邮政快递 chinapost",
            "zto": "中通 zhongtong",
            "yto": "圆通 圆通快递 yuantong",
            "sto": "申通 shentong",
            "yunda": "韵达 韵达速递",
            "jtexpress": "极兔 极兔快递 jt j&t",
            "debang": "德邦 德邦物流",
            "other": "其它",
        }.items()
        for word in words.split()
    },
}


def carrier_code(text: str) -> str:
    """The code of a carrier as people write it; an empty string for one that we do not know."""
    return _CARRIERS.get(_folded(text), "")
