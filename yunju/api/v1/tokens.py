"""Tokens: keys for programs. Made and ended by the person in a browser session, never by another token."""

from datetime import datetime
from typing import Annotated

from ninja import Router, Schema, Status
from pydantic import Field, StrictInt

from yunju.api import tokens
from yunju.api.auth import ApiRequest, needs
from yunju.api.models import ApiToken
from yunju.api.scopes import Scope
from yunju.api.shapes import Body, Code, Text
from yunju.kernel.errors import Forbidden
from yunju.members import sessions

router = Router(tags=["tokens"])


class TokenBody(Body):
    """A name to know it by, what it may do, and for how many days."""

    name: Text
    scopes: Annotated[list[Text], Field(max_length=20)]
    days: StrictInt = 90


class TokenShape(Schema):
    """A living token, without its secret."""

    code: str
    name: str
    scopes: list[str]
    made_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


class NewTokenShape(TokenShape):
    """A new token: the only time its secret is shown."""

    secret: str


@router.get("/tokens", response=list[TokenShape], auth=needs(Scope.SESSION))
def list_tokens(request: ApiRequest) -> list[ApiToken]:
    """The caller's living tokens in this cluster."""
    return list(tokens.tokens_of(request.auth))


@router.post("/tokens", response={201: NewTokenShape}, auth=needs(Scope.SESSION))
def make_token(request: ApiRequest, payload: TokenBody) -> Status[dict[str, object]]:
    """Make a token. It opens what its person may do without a password, so a session in which one was typed makes it."""
    if not sessions.knows_password(request.session):
        raise Forbidden("api.password_first")
    made, secret = tokens.make_token(
        name=payload.name, scopes=payload.scopes, days=payload.days, by=request.auth
    )
    named = ("code", "name", "scopes", "made_at", "expires_at", "last_used_at")
    return Status(201, {name: getattr(made, name) for name in named} | {"secret": secret})


@router.delete("/tokens/{code}", response={204: None}, auth=needs(Scope.SESSION))
def end_token(request: ApiRequest, code: Code) -> Status[None]:
    """End a token: dead with the next request."""
    tokens.end_token(code=code, by=request.auth)
    return Status(204, None)
