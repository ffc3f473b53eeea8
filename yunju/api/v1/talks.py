"""What is said about orders: threads, reviews, the photos of a claim. Pictures come in through the pages."""

from datetime import datetime
from typing import Annotated, Any

from django.conf import settings
from django.core.files.storage import storages
from django.http import HttpResponse
from ninja import Query, Router, Schema, Status
from pydantic import ConfigDict, Field, StrictInt

from yunju.api.auth import ApiRequest, needs
from yunju.api.scopes import Scope
from yunju.api.shapes import Body, Code, Text
from yunju.api.v1.orders import line_ids
from yunju.catalog import queries as catalog
from yunju.kernel.actor import Actor
from yunju.kernel.errors import NotFound
from yunju.kernel.pictures import name_in_link, private_link
from yunju.orders.models import CasePhoto
from yunju.orders.queries import cases_visible_to, order_visible_to
from yunju.talks import queries
from yunju.talks.actions import reviews, threads
from yunju.talks.actions.reviews import Draft
from yunju.talks.models import Message, Review

router = Router(tags=["talks"])


class MessageShape(Schema):
    """Something said. Pictures are paths that are good for an hour, for the caller alone."""

    side: str
    kind: str
    words: str
    at: datetime
    pictures: list[str]


class ThreadShape(Schema):
    """The thread of an order. Whoever may not read it sees the state alone."""

    state: str
    answer_due_at: datetime | None
    side: str
    messages: list[MessageShape]


class ReviewShape(Schema):
    """What a buyer says in public; the author is masked."""

    code: str
    stars: int
    words: str
    author: str
    variant_title: str
    at: datetime
    answer: str
    pictures: list[str]


class ReviewsShape(Schema):
    """A page of reviews with the rating of all: `rating_tenths` 47 is 4.7."""

    count: int
    rating_tenths: int | None
    page: int
    pages: int
    items: list[ReviewShape]


class PageNumber(Schema):
    """Which page."""

    model_config = ConfigDict(extra="forbid")
    page: Annotated[int, Field(ge=1, le=10_000)] = 1


class SayBody(Body):
    """Words, and as whom where somebody is several."""

    words: Annotated[Text, Field(min_length=1, max_length=threads.MOST_WORDS)]
    side: Annotated[Text, Field(max_length=10)] = ""


class ReviewBody(Body):
    """Stars from 1 to 5, and words."""

    stars: Annotated[StrictInt, Field(ge=1, le=5)]
    words: Annotated[Text, Field(max_length=reviews.MOST_WORDS)] = ""


class LineReviewBody(ReviewBody):
    """Of which line, by its number within the order."""

    line: StrictInt


class AnswerBody(Body):
    """What the supplier says, once."""

    words: Annotated[Text, Field(min_length=1, max_length=reviews.MOST_ANSWER)]


@router.get("/orders/{code}/thread", response=ThreadShape, auth=needs(Scope.ORDER_READ))
def show_thread(request: ApiRequest, code: Code) -> dict[str, Any]:
    """The thread. Reading it here marks nothing as read."""
    view = queries.view(request.auth, order_visible_to(request.auth, code))
    return {
        "state": view.state,
        "answer_due_at": view.answer_due_at,
        "side": view.side,
        "messages": [_message(one, request.auth) for one in view.messages],
    }


@router.post("/orders/{code}/messages", response={201: MessageShape}, auth=needs(Scope.ORDER))
def say(request: ApiRequest, code: Code, payload: SayBody) -> Status[dict[str, Any]]:
    """One more message."""
    order = order_visible_to(request.auth, code)
    said = threads.say(order_id=order.pk, words=payload.words, side=payload.side, by=request.auth)
    return Status(201, _message(said, request.auth))


@router.get("/cases/{code}/photos", response=list[str], auth=needs(Scope.ORDER_READ))
def case_photos(request: ApiRequest, code: Code) -> list[str]:
    """Paths of the photos of a claim, good for an hour, for the caller alone."""
    case = cases_visible_to(request.auth).filter(code=code).first()
    if case is None:
        raise NotFound("case.unknown")
    photos = CasePhoto.objects.filter(case=case).order_by("position")
    return [_picture(name, request.auth) for name in photos.values_list("name", flat=True)]


@router.get("/pictures/{signed}", auth=needs(Scope.ORDER_READ))
def show_picture(request: ApiRequest, signed: str) -> HttpResponse:
    """A private picture (WebP), by a path that this caller was given within the hour."""
    name = name_in_link(signed, request.auth)
    if not name or not storages["private"].exists(name):
        raise NotFound("api.no_such")
    with storages["private"].open(name) as file:
        response = HttpResponse(file.read(), content_type="image/webp")
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@router.get("/offers/{code}/reviews", response=ReviewsShape, auth=needs(Scope.PUBLIC))
def offer_reviews(request: ApiRequest, code: Code, asked: Query[PageNumber]) -> dict[str, Any]:
    """What buyers say of an offer, the newest first."""
    offer = catalog.offer_by_code(request.auth, code)
    found = queries.reviews_of(offer.pk, asked.page)
    return {
        "count": found.rating.count if found.rating else 0,
        "rating_tenths": found.rating.tenths if found.rating else None,
        "page": found.page.number,
        "pages": found.page.paginator.num_pages,
        "items": [_review(one) for one in found.page.object_list],
    }


@router.post("/orders/{code}/reviews", response={201: ReviewShape}, auth=needs(Scope.ORDER))
def write_review(request: ApiRequest, code: Code, payload: LineReviewBody) -> Status[dict[str, Any]]:
    """Review one line of a received order, once."""
    order = order_visible_to(request.auth, code)
    line_id = line_ids(order, [payload.line])[0]
    draft = Draft(payload.stars, payload.words)
    return Status(201, _review(reviews.write(line_id=line_id, draft=draft, by=request.auth)))


@router.put("/reviews/{code}", response=ReviewShape, auth=needs(Scope.ORDER))
def edit_review(request: ApiRequest, code: Code, payload: ReviewBody) -> dict[str, Any]:
    """Another opinion, within 30 days; pictures stay."""
    draft = Draft(payload.stars, payload.words)
    return _review(reviews.edit(code=code, draft=draft, by=request.auth))


@router.post("/reviews/{code}/answers", response={201: ReviewShape}, auth=needs(Scope.ORDER))
def answer_review(request: ApiRequest, code: Code, payload: AnswerBody) -> Status[dict[str, Any]]:
    """The supplier's answer, once."""
    return Status(201, _review(reviews.answer(code=code, words=payload.words, by=request.auth)))


def _picture(name: str, by: Actor) -> str:
    return f"/api/v1/pictures/{private_link(name, by)}"


def _message(one: Message, by: Actor) -> dict[str, Any]:
    pictures = [_picture(picture.name, by) for picture in one.pictures.all()]
    return {"side": one.side, "kind": one.kind, "words": one.words, "at": one.at, "pictures": pictures}


def _review(one: Review) -> dict[str, Any]:
    copied = ("code", "stars", "words", "author", "variant_title", "at", "answer")
    pictures = [f"{settings.MEDIA_URL}{picture.name}" for picture in one.pictures.all()]
    return {name: getattr(one, name) for name in copied} | {"pictures": pictures}
