"""The flow of a parcel as data (FULFILMENT 2.1). Why these waits: docs/adr/0004-flow.md.

A carrier's word is `scan_...`, the supplier's own is `say_...`: the latter moves what the buyer sees, never the clock.
"""

from datetime import timedelta

from yunju.fulfilment.contract import STAYS, Effect, Flow, Label, Move, State, Timer, Who

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
REMIND_PACK, MARK_LATE, GIVE_UP = 48 * HOUR, 72 * HOUR, 30 * DAY
FIRST_SCAN, NO_SCAN = 24 * HOUR, 30 * DAY
RECEIPT, RECEIPT_ABROAD, RECEIPT_DELIVERED, EXTENSION = 10 * DAY, 30 * DAY, 7 * DAY, 3 * DAY
PICKUP = 72 * HOUR

_CARRIER = frozenset({Who.CARRIER, Who.SYSTEM})
_SUPPLIER = frozenset({Who.SUPPLIER})
_BUYER = frozenset({Who.BUYER})
_TIMER = frozenset({Who.TIMER})
_SUPPLIER_OR_OPERATOR = frozenset({Who.SUPPLIER, Who.OPERATOR})
_RETURNED = frozenset({Effect.PUT_STOCK_BACK, Effect.REFUND})

CANCEL_REASONS = {
    "out_of_stock": Label("缺货", "Out of stock"),
    "wrong_price": Label("标价有误", "The price was wrong"),
    "cannot_deliver": Label("无法送达该地址", "Nothing can be sent to that address"),
    "asked_by_buyer": Label("买家要求", "The buyer asked for it"),
    "other": Label("其他原因", "Another reason"),
}

_SCANS = {
    "scan_in_transit": Move("in_transit", _CARRIER, Label("承运方：运输中", "Carrier: in transit")),
    "scan_out_for_delivery": Move(
        "out_for_delivery", _CARRIER, Label("承运方：派送中", "Carrier: out for delivery")
    ),
    "scan_at_pickup": Move(
        "at_pickup", _CARRIER, Label("承运方：待取件", "Carrier: waiting at the pick-up point")
    ),
    "scan_delivered": Move("delivered", _CARRIER, Label("承运方：已签收", "Carrier: delivered")),
    "scan_returning": Move("returning", _CARRIER, Label("承运方：退回中", "Carrier: on its way back")),
    "scan_returned": Move("returned", _CARRIER, Label("承运方：已退回", "Carrier: back with the sender")),
    "scan_lost": Move("lost", _CARRIER, Label("承运方：丢失", "Carrier: lost")),
}


def _say(to: str, label: Label) -> Move:
    """Typed by the supplier: recorded as a scan by the mode's own action."""
    return Move(to, _SUPPLIER, label, keeps_timers=True, own=True)


_SAYS = {
    "say_in_transit": _say("in_transit", Label("商家：运输中", "Supplier: in transit")),
    "say_out_for_delivery": _say("out_for_delivery", Label("商家：派送中", "Supplier: out for delivery")),
    "say_at_pickup": _say("at_pickup", Label("商家：待取件", "Supplier: waiting at the pick-up point")),
    "say_delivered": _say("delivered", Label("商家：已送达", "Supplier: delivered")),
}
_ENDINGS = {
    "confirm": Move("received", frozenset({Who.BUYER, Who.OPERATOR}), Label("确认收货", "Receipt confirmed")),
    "declare_lost": Move("lost", _SUPPLIER_OR_OPERATOR, Label("认定丢失", "Declared lost"), in_dispute=True),
    "take_back": Move(
        "returned",
        _SUPPLIER_OR_OPERATOR,
        Label("商家收到退件", "Taken back by the supplier"),
        in_dispute=True,
    ),
}
_RECEIPT_MOVES = {
    "auto_receive": Move("received", _TIMER, Label("到期自动确认收货", "Counted as received")),
    "extend": Move(
        STAYS,
        _BUYER,
        Label("延长收货 3 天", "Receipt extended by 3 days"),
        once=True,
        extends="auto_receive",
        extends_by=EXTENSION,
    ),
    "flag_no_scan": Move(STAYS, _TIMER, Label("24 小时无揽收信息", "No scan within 24 hours"), once=True),
}
_SILENT = {
    "no_scan_lost": Move(
        "lost", _TIMER, Label("30 天无物流更新，视为丢失", "No scan for 30 days: counted as lost")
    )
}
_UNCLAIMED = {
    "pickup_over": Move("returning", _TIMER, Label("逾期未取，退回", "Not picked up in time: going back"))
}
_ON_THE_WAY = _SCANS | _SAYS | _ENDINGS | _RECEIPT_MOVES | _SILENT | _UNCLAIMED
_LOST_TIMER = Timer(
    "no_scan",
    "no_scan_lost",
    NO_SCAN,
    label=Label("30 天无更新即视为丢失", "Counted as lost when silent for 30 days"),
)

_TO_PACK = State(
    Label("待发货", "To pack"),
    moves={
        "pack": Move("packed", _SUPPLIER, Label("已发货", "Dispatched"), own=True),
        "ask_cancel": Move(STAYS, _BUYER, Label("买家申请取消", "Cancellation asked for"), once=True),
        "agree_cancel": Move(
            "cancelled",
            _SUPPLIER_OR_OPERATOR,
            Label("同意取消", "Cancellation agreed"),
            needs="ask_cancel",
            in_dispute=True,
        ),
        "buyer_cancel": Move(
            "cancelled",
            _BUYER,
            Label("买家取消（超时未发货）", "Cancelled: not sent in time"),
            needs="mark_late",
        ),
        "cancel": Move(
            "cancelled",
            _SUPPLIER_OR_OPERATOR,
            Label("商家取消", "Cancelled by the supplier"),
            in_dispute=True,
            reasons=CANCEL_REASONS,
        ),
        "remind_pack": Move(
            STAYS, _TIMER, Label("48 小时未发货，已提醒", "Not packed for 48 hours: reminded"), once=True
        ),
        "mark_late": Move(
            STAYS,
            _TIMER,
            Label("72 小时未发货，买家可取消", "Not packed for 72 hours: the buyer may cancel"),
            once=True,
        ),
        "give_up": Move(
            "cancelled", _TIMER, Label("30 天未发货，自动取消", "Not packed for 30 days: cancelled")
        ),
    },
    timers=(
        Timer("remind", "remind_pack", REMIND_PACK, label=Label("提醒商家", "The supplier is reminded")),
        Timer("late", "mark_late", MARK_LATE, label=Label("买家可免责取消", "The buyer may cancel freely")),
        Timer("give_up", "give_up", GIVE_UP, label=Label("自动取消并退款", "Cancelled and refunded")),
    ),
)
_PACKED = State(
    Label("已发货", "Dispatched"),
    moves=_SCANS
    | _SAYS
    | _ENDINGS
    | _RECEIPT_MOVES
    | {"correct": Move(STAYS, _SUPPLIER, Label("更正运单号", "Tracking number corrected"), own=True)},
    timers=(
        Timer("first_scan", "flag_no_scan", FIRST_SCAN, label=Label("标记无揽收", "Flagged: no first scan")),
        Timer(
            "auto_receive",
            "auto_receive",
            RECEIPT,
            abroad=RECEIPT_ABROAD,
            label=Label("无承运方消息，视为收货", "Counted as received without a carrier's word"),
        ),
    ),
    effects=frozenset({Effect.TAKE_STOCK, Effect.DISPATCHED}),
)

SHIP = Flow(
    code="ship",
    initial="to_pack",
    states={
        "to_pack": _TO_PACK,
        "packed": _PACKED,
        "in_transit": State(Label("运输中", "In transit"), _ON_THE_WAY, (_LOST_TIMER,)),
        "out_for_delivery": State(Label("派送中", "Out for delivery"), _ON_THE_WAY, (_LOST_TIMER,)),
        "at_pickup": State(
            Label("待取件", "At the pick-up point"),
            _ON_THE_WAY,
            (Timer("pickup", "pickup_over", PICKUP, label=Label("逾期退回", "Goes back when not fetched")),),
        ),
        "delivered": State(
            Label("已签收", "Delivered"),
            _ON_THE_WAY,
            (
                Timer(
                    "auto_receive",
                    "auto_receive",
                    RECEIPT_DELIVERED,
                    # Says no days: they may be extended, or be those of `packed`.
                    label=Label("视为已收货", "Counted as received"),
                ),
            ),
        ),
        "returning": State(Label("退回中", "Going back"), _SCANS | _ENDINGS | _SILENT, (_LOST_TIMER,)),
        "received": State(Label("已收货", "Received"), effects=frozenset({Effect.RECEIVED}), is_end=True),
        "returned": State(Label("已退回", "Returned"), effects=_RETURNED, is_end=True),
        "lost": State(Label("已丢失", "Lost"), effects=frozenset({Effect.REFUND}), is_end=True),
        "cancelled": State(
            Label("已取消", "Cancelled"),
            effects=frozenset({Effect.GIVE_STOCK_BACK, Effect.REFUND}),
            is_end=True,
        ),
    },
)
