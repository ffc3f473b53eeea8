"""Which way of paying a browser can go, by its user agent. A pure function; a page may offer the other ways by hand."""

from yunju.payments.contract import AnswerKind

IN_APP = "MicroMessenger"
PHONE_WORDS = ("Mobile", "Android", "iPhone", "iPad", "iPod", "HarmonyOS", "OpenHarmony")


def answer_kind(user_agent: str) -> AnswerKind:
    """WeChat's browser -> jsapi, any other phone -> redirect, everything else -> qr. `form` is never chosen here."""
    if IN_APP in user_agent:
        return AnswerKind.JSAPI
    if any(word in user_agent for word in PHONE_WORDS):
        return AnswerKind.REDIRECT
    return AnswerKind.QR
