"""What the provider's pages say, in Chinese and English."""

LANGUAGES = ("zh-Hans", "en")

WORDS: dict[str, tuple[str, str]] = {
    "title": ("模拟收银台", "Simulated cashier"),
    "notice": ("仅供试用：这里不会发生真实付款。", "For trying out only: no real money moves here."),
    "to_pay": ("应付金额", "Amount to pay"),
    "paid_sum": ("实付金额", "Amount paid"),
    "order": ("付款单", "Purchase"),
    "parts": ("收款方", "Receivers"),
    "part": ("收款方", "Receiver"),
    "amount": ("金额", "Amount"),
    "pay": ("确认付款", "Pay now"),
    "refuse": ("模拟银行拒付", "Let the bank refuse"),
    "later": ("稍后再付", "Pay later"),
    "back": ("返回商家", "Back to the shop"),
    "paid": ("付款成功", "Paid"),
    "paid_text": ("商家会收到通知，您可以返回。", "The shop is being told; you may go back."),
    "closed": ("付款单已关闭", "This payment is closed"),
    "closed_text": (
        "它不能再付款了，请返回商家重新下单。",
        "It cannot be paid any more. Please go back to the shop.",
    ),
    "refused": (
        "银行拒绝了这次付款，款项未扣。您可以再试一次。",
        "The bank refused this payment; nothing was taken. You may try again.",
    ),
    "unknown": ("找不到这笔付款", "No such payment"),
    "unknown_text": (
        "链接不完整或已失效，请返回商家重新发起付款。",
        "The link is incomplete or too old. Please start again at the shop.",
    ),
    "bad": ("请求无法处理", "This request cannot be handled"),
    "bridge": ("微信支付（模拟）", "WeChat Pay (simulated)"),
    "other_language": ("English", "中文"),
    "control": ("模拟渠道控制台", "Simulated provider: controls"),
    "control_text": (
        "让渠道迟到、重复、说谎或拒绝，看看网站如何应对。",
        "Make the provider late, repetitive, lying or refusing, and see how the site copes.",
    ),
    "settings": ("设置", "Settings"),
    "clock_offset": ("时钟偏移（秒）", "Clock offset (seconds)"),
    "notify_delay": ("通知延迟（秒）", "Delay of notifications (seconds)"),
    "refund_delay": ("退款用时（秒）", "Duration of refunds (seconds)"),
    "refund_outcome": ("退款结果", "Outcome of refunds"),
    "refunded": ("成功", "confirmed"),
    "refund_failed": ("失败", "failed"),
    "save": ("保存", "Save"),
    "payments": ("最近的付款", "Latest payments"),
    "none": ("还没有付款。", "No payments yet."),
    "state": ("状态", "State"),
    "state_open": ("待付款", "open"),
    "state_paid": ("已付款", "paid"),
    "state_closed": ("已关闭", "closed"),
    "last_told": ("最近通知", "Last told"),
    "send": ("发送", "Send"),
    "mode": ("通知", "Notification"),
    "mode_normal": ("正常", "true"),
    "mode_forged": ("伪造签名", "forged signature"),
    "mode_stale": ("30 天前签名", "signed 30 days ago"),
    "mode_wrong_amount": ("金额不符", "wrong amount"),
    "mode_wrong_merchant": ("商户不符", "other merchant"),
    "mode_wrong_currency": ("币种不符", "other currency"),
    "mode_unknown_payment": ("未知单号", "unknown number"),
    "mode_unknown_kind": ("未知类型", "unknown kind"),
    "times": ("次数", "Times"),
    "delay": ("延迟（秒）", "Delay (seconds)"),
    "hold": ("不自动通知", "Do not notify"),
    "release": ("恢复自动通知", "Notify again"),
    "pay_amount": ("按此金额付款（分）", "Pay this amount (minor units)"),
    "open_cashier": ("打开收银台", "Open cashier"),
    "now": ("渠道时间", "Provider's time"),
}


def language(query: str, accepted: str) -> str:
    """The language asked for in the address, else the first one of the browser that we have, else Chinese."""
    if query in LANGUAGES:
        return query
    for entry in accepted.lower().split(","):
        tag = entry.split(";")[0].strip()
        if tag.startswith("zh"):
            return "zh-Hans"
        if tag.startswith("en"):
            return "en"
    return "zh-Hans"


def say(word: str, lang: str) -> str:
    return WORDS[word][LANGUAGES.index(lang)]
