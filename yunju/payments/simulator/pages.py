"""The provider's pages: plain HTML for phones first, no script. Every text is escaped here."""

from html import escape
from urllib.parse import quote

from yunju.payments.simulator import post
from yunju.payments.simulator.store import Row
from yunju.payments.simulator.words import LANGUAGES, say

SYMBOLS = {
    "CNY": ("¥", 2),
    "USD": ("$", 2),
    "EUR": ("€", 2),
    "GBP": ("£", 2),
    "HKD": ("HK$", 2),
    "JPY": ("JP¥", 0),
    "KRW": ("₩", 0),
}


def money(minor: int, currency: str) -> str:
    symbol, exponent = SYMBOLS.get(currency, (currency + " ", 2))
    whole, cents = divmod(minor, 10**exponent)
    return f"{symbol}{whole:,}" + (f".{cents:0{exponent}}" if exponent else "")


def page(title: str, body: str, lang: str, *, wide: bool = False) -> str:
    """A whole page; the language link keeps the address."""
    other = LANGUAGES[1 - LANGUAGES.index(lang)]
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title>"
        '<link rel="stylesheet" href="/style.css"><link rel="icon" href="data:,"></head><body>'
        f"<header><strong>{escape(say('title', lang))}</strong>"
        f'<a href="?lang={other}" lang="{other}" hreflang="{other}">{escape(say("other_language", lang))}</a></header>'
        f"<main{' class=wide' if wide else ''}>{body}</main></body></html>"
    )


def cashier(payment: Row, parts: list[Row], lang: str, *, bridge: bool = False, refused: bool = False) -> str:
    """Amount, receivers, and the three buttons; or how it ended."""
    if payment["state"] == "paid":
        return _ended(payment, lang, "paid")
    if payment["state"] == "closed":
        return _ended(payment, lang, "closed")
    title = say("bridge" if bridge else "title", lang)
    said = f'<p class="notice" role="alert">{escape(say("refused", lang))}</p>' if refused else ""
    buttons = "".join(
        f'<button name="do" value="{name}"{" class=main" if name == "pay" else ""}>{escape(say(name, lang))}</button>'
        for name in ("pay", "later", "refuse")
    )
    body = (
        f"<h1>{escape(title)}</h1>{said}<p class=notice>{escape(say('notice', lang))}</p>{_sum(payment, lang)}"
        f"{_parts(parts, payment['currency'], lang)}"
        f'<form class=stack method=post action="/pay/{quote(payment["token"])}?lang={lang}">{buttons}</form>'
    )
    return page(title, body, lang)


def _sum(payment: Row, lang: str) -> str:
    paid = payment["state"] == "paid"
    minor = payment["paid_amount"] if paid else payment["amount"]
    return (
        f"<p class=label>{escape(say('paid_sum' if paid else 'to_pay', lang))}</p>"
        f"<p class=sum>{escape(money(minor, payment['currency']))}</p>"
        f"<p class=label>{escape(say('order', lang))} {escape(payment['description'])}</p>"
    )


def _parts(parts: list[Row], currency: str, lang: str) -> str:
    rows = "".join(
        f"<tr><td>{escape(part['description'] or part['merchant'])}</td>"
        f"<td class=number>{escape(money(part['amount'], currency))}</td></tr>"
        for part in parts
    )
    heads = f"<tr><th scope=col>{escape(say('part', lang))}</th><th scope=col class=number>{escape(say('amount', lang))}</th></tr>"
    return f"<table><thead>{heads}</thead><tbody>{rows}</tbody></table>"


def _ended(payment: Row, lang: str, how: str) -> str:
    mark = " class=done" if how == "paid" else ""
    shown = _sum(payment, lang) if how == "paid" else ""
    body = (
        f"<h1{mark}>{escape(say(how, lang))}</h1>{shown}<p>{escape(say(how + '_text', lang))}</p>"
        f'<a class=button href="{escape(payment["return_url"])}">{escape(say("back", lang))}</a>'
    )
    return page(say(how, lang), body, lang)


def fault(word: str, lang: str) -> str:
    text = f"<p>{escape(say('unknown_text', lang))}</p>" if word == "unknown" else ""
    return page(say(word, lang), f"<h1>{escape(say(word, lang))}</h1>{text}", lang)


# --- the control page -----------------------------------------------------------------------------------------------


def control(payments: list[Row], settings: dict[str, str], lang: str) -> str:
    rows = "".join(_control_row(payment, lang) for payment in payments)
    heads = "".join(
        f"<th scope=col>{escape(say(word, lang))}</th>"
        for word in ("order", "amount", "state", "last_told", "mode")
    )
    table = f"<div class=scroll><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    body = (
        f"<h1>{escape(say('control', lang))}</h1><p>{escape(say('control_text', lang))}</p>"
        f"<h2>{escape(say('settings', lang))}</h2>"
        f"<p class=label>{escape(say('now', lang))} {escape(settings['now'])}</p>"
        + "".join(
            _setting(name, settings[name], lang)
            for name in ("notify_delay", "refund_delay", "clock_offset", "refund_outcome")
        )
        + f"<h2>{escape(say('payments', lang))}</h2>{table if payments else '<p>' + escape(say('none', lang)) + '</p>'}"
    )
    return page(say("control", lang), body, lang, wide=True)


def _form(lang: str, inner: str, **hidden: str) -> str:
    fields = "".join(
        f'<input type=hidden name="{name}" value="{escape(value)}">' for name, value in hidden.items()
    )
    return f'<form class=row method=post action="/control?lang={lang}">{fields}{inner}</form>'


def _setting(name: str, value: str, lang: str) -> str:
    if name == "refund_outcome":
        options = "".join(
            f'<option value="{one}"{" selected" if one == value else ""}>{escape(say(one, lang))}</option>'
            for one in ("refunded", "refund_failed")
        )
        field = f"<select name=value>{options}</select>"
    else:
        field = f'<input name=value inputmode=decimal value="{escape(value)}">'
    inner = f"<label>{escape(say(name, lang))}{field}</label><button>{escape(say('save', lang))}</button>"
    return _form(lang, inner, do="set", name=name)


def _control_row(payment: Row, lang: str) -> str:
    told = (
        f"{say('mode_' + payment['mode'], lang)}: {payment['answer'] or '…'} ({payment['tries']})"
        if payment["mode"]
        else ""
    )
    link = f'<a href="/pay/{quote(payment["token"])}?lang={lang}">{escape(say("open_cashier", lang))}</a>'
    state = escape(say("state_" + payment["state"], lang))
    return (
        f"<tr><td>{escape(payment['description'])}<br><small>{escape(payment['out_no'])}</small><br>{link}</td>"
        f"<td class=number>{escape(money(payment['amount'], payment['currency']))}</td><td>{state}</td>"
        f"<td>{escape(told)}</td><td>{_send_form(payment, lang)}{_other_forms(payment, lang)}</td></tr>"
    )


def _send_form(payment: Row, lang: str) -> str:
    options = "".join(
        f'<option value="{mode}">{escape(say("mode_" + mode, lang))}</option>' for mode in post.MODES
    )
    inner = (
        f"<label>{escape(say('mode', lang))}<select name=mode>{options}</select></label>"
        f"<label>{escape(say('times', lang))}<input name=times inputmode=numeric value=1></label>"
        f"<label>{escape(say('delay', lang))}<input name=delay inputmode=decimal value=0></label>"
        f"<button>{escape(say('send', lang))}</button>"
    )
    return _form(lang, inner, do="send", out_no=payment["out_no"])


def _other_forms(payment: Row, lang: str) -> str:
    held = "release" if payment["held"] else "hold"
    hold = _form(lang, f"<button>{escape(say(held, lang))}</button>", do=held, out_no=payment["out_no"])
    if payment["state"] == "paid":
        return hold
    field = f'<input name=amount_minor inputmode=numeric value="{payment["amount"]}">'
    inner = (
        f"<label>{escape(say('pay_amount', lang))}{field}</label><button>{escape(say('pay', lang))}</button>"
    )
    return hold + _form(lang, inner, do="pay", out_no=payment["out_no"])
