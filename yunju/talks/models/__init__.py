"""Threads, reviews, the card with which somebody can be reached, and what happened to them."""

from yunju.talks.models.cards import ServiceCard
from yunju.talks.models.events import TalkEvent
from yunju.talks.models.reviews import Review, ReviewPicture
from yunju.talks.models.threads import Message, MessagePicture, Thread

__all__ = [
    "Message",
    "MessagePicture",
    "Review",
    "ReviewPicture",
    "ServiceCard",
    "TalkEvent",
    "Thread",
]
