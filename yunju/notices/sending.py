"""Sending texts and mails: one claimed row at a time, outside every transaction, at most once.

A row is claimed and committed before the provider is called. A kill in between leaves it `sending`; `settle_lost` calls
that unknown, and it is never sent again. Only what the provider surely did not take is tried again, with growing pauses.
"""

import json
import logging
import smtplib
from datetime import timedelta
from typing import Any

from django.core.mail import EmailMessage
from django.db import transaction

from yunju.kernel import clock
from yunju.kernel.errors import noted
from yunju.members import crypto
from yunju.members.models import Cluster, User
from yunju.notices import sms, texts
from yunju.notices.leaving import SEALED_ABOUT
from yunju.notices.models import Delivery, ShownText
from yunju.notices.sms import Answer, Outcome, Text
from yunju.notices.words import Channel

log = logging.getLogger(__name__)
TRIES = 6
PAUSE = timedelta(seconds=20)
LOST_AFTER = timedelta(minutes=3)
KEPT = timedelta(days=90)
SHOWN_KEPT = timedelta(days=1)
BATCH = 500


def send_due() -> int:
    """Send one text or mail that is due; 1 when there was one."""
    delivery = _claimed()
    if delivery is None:
        return 0
    cluster = Cluster.objects.get(pk=delivery.cluster_id)
    send = _text if delivery.channel == Channel.SMS else _mail
    try:
        answer = send(delivery, cluster)
    except Exception as error:
        # An adapter broke its contract: the message may have left, so it is not tried again.
        log.exception("sending delivery %s failed", delivery.pk)
        answer = Answer(Outcome.UNKNOWN, error=noted(error)[:60])
    note(delivery, answer)
    return 1


def settle_lost() -> int:
    """Rows whose sender vanished: whether they arrived is not known."""
    lost = Delivery.objects.filter(state="sending", claimed_at__lt=clock.now() - LOST_AFTER)
    return lost.update(state="unknown", ended_at=clock.now(), error="sender vanished", sealed=b"")


def forget() -> int:
    """Delete what ended long ago, and texts that were only shown."""
    at = clock.now()
    ShownText.objects.filter(at__lt=at - SHOWN_KEPT).delete()
    old = Delivery.objects.filter(at__lt=at - KEPT).order_by("pk").values("pk")[:BATCH]
    return Delivery.objects.filter(pk__in=old).delete()[0]


def note(delivery: Delivery, answer: Answer) -> None:
    """Keep what came of it. `sealed` goes with the end."""
    at = clock.now()
    if answer.outcome is Outcome.AGAIN and delivery.tries < TRIES:
        later = at + PAUSE * 2 ** (delivery.tries - 1)
        # The fold may be waiting anew by now: this one goes on alone.
        Delivery.objects.filter(pk=delivery.pk).update(
            state="waiting", due_at=later, error=answer.error[:200], claimed_at=None, fold=""
        )
        return
    state = {Outcome.SENT: "sent", Outcome.UNKNOWN: "unknown"}.get(answer.outcome, "failed")
    if answer.error == DROPPED:
        state = "dropped"
    if state != "sent":
        log.warning("delivery %s by %s is %s: %s", delivery.pk, delivery.channel, state, answer.error)
    Delivery.objects.filter(pk=delivery.pk).update(
        state=state, ended_at=at, error=answer.error[:200], reference=answer.reference[:80], sealed=b""
    )


DROPPED = "nobody to send it to"


def _claimed() -> Delivery | None:
    with transaction.atomic():
        due = Delivery.objects.select_for_update(skip_locked=True).filter(
            channel__in=[Channel.SMS, Channel.EMAIL], state="waiting", due_at__lte=clock.now()
        )
        delivery = due.order_by("due_at", "pk").first()
        if delivery is None:
            return None
        delivery.state, delivery.tries, delivery.claimed_at = "sending", delivery.tries + 1, clock.now()
        delivery.save(update_fields=["state", "tries", "claimed_at"])
        return delivery


def _text(delivery: Delivery, cluster: Cluster) -> Answer:
    if delivery.expires_at is not None and delivery.expires_at <= clock.now():
        return Answer(Outcome.REFUSED, error=DROPPED)
    phone, params, language = _addressee(delivery)
    if not phone:
        return Answer(Outcome.REFUSED, error=DROPPED)
    params = params | {"cluster": texts.name_of(cluster, language), "count": delivery.count}
    code = delivery.code if delivery.code.startswith("sms.") else f"notice.{delivery.code}"
    words = f"【{texts.name_of(cluster, language)}】{texts.sentence(code, params, language, cluster)}"
    return sms.sender().send(
        Text(f"yunju-{delivery.pk}", delivery.cluster_id, phone, delivery.code, params, words, language)
    )


def _addressee(delivery: Delivery) -> tuple[str, dict[str, Any], str]:
    """Number, parameters and language: from the seal, or of the account as it is now."""
    if delivery.sealed:
        opened = json.loads(crypto.unseal(delivery.sealed, about=SEALED_ABOUT))
        return opened["phone"], opened["params"], delivery.language
    user = User.objects.filter(
        pk=delivery.user_id or 0, is_active=True, phone_verified_at__isnull=False
    ).first()
    return (user.phone, dict(delivery.params), user.language) if user else ("", {}, "")


def _mail(delivery: Delivery, cluster: Cluster) -> Answer:
    user = User.objects.filter(pk=delivery.user_id or 0, is_active=True, email__isnull=False).first()
    if user is None or not user.email:
        return Answer(Outcome.REFUSED, error=DROPPED)
    params = delivery.params | {"count": delivery.count}
    words = texts.sentence(f"notice.{delivery.code}", params, user.language, cluster)
    body = f"{words}\n\n{texts.absolute(cluster, delivery.link or '/notices')}\n"
    subject = f"{texts.name_of(cluster, user.language)}: {words}"[:150].replace("\n", " ")
    try:
        EmailMessage(subject, body, to=[user.email]).send()
    except (smtplib.SMTPServerDisconnected, TimeoutError):
        return Answer(Outcome.UNKNOWN, error="mail server fell silent")
    except (smtplib.SMTPException, OSError) as error:
        return Answer(Outcome.AGAIN, error=type(error).__name__)
    return Answer(Outcome.SENT)
