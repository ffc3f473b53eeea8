"""Refusals as problem+json (RFC 9457): a stable code with parameters, and its sentence in the reader's language."""

import logging
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation.trans_real import get_supported_language_variant, parse_accept_lang_header
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from yunju.kernel.absence import is_away
from yunju.kernel.errors import Busy, Invalid, InvalidMany, NotFound, Refused, TooMany, YunjuError
from yunju.members.models import Cluster
from yunju.ui import messages

log = logging.getLogger(__name__)
RETRY_SECONDS = 2

_PYDANTIC: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "extra_forbidden": ("api.unknown_key", {}),
    "missing": ("input.required", {}),
    "int_type": ("input.not_integer", {}),
    "int_from_float": ("input.not_integer", {}),
    "int_parsing": ("input.not_integer", {}),
    "string_type": ("input.not_text", {}),
    "string_unicode": ("input.control_characters", {}),
    "string_too_long": ("input.too_long", {"most": "max_length"}),
    "string_too_short": ("input.too_short", {"least": "min_length"}),
    "too_long": ("api.too_many_items", {"most": "max_length"}),
    "too_short": ("input.required", {}),
    "literal_error": ("input.choice", {}),
    "enum": ("input.choice", {}),
    "greater_than_equal": ("api.too_small", {"least": "ge"}),
    "less_than_equal": ("api.too_large", {"most": "le"}),
}
"""What pydantic calls a fault, and our code for it with the parameters that its sentence needs."""

_WRAPPERS = frozenset({"body", "query", "path", "header", "payload", "filters"})


def install(api: NinjaAPI) -> None:
    """Make every refusal of the API a problem."""
    api.add_exception_handler(YunjuError, _refusal)
    api.add_exception_handler(ValidationError, _invalid)
    api.add_exception_handler(HttpError, _http_error)
    api.add_exception_handler(Http404, lambda request, _: answer(request, NotFound("api.no_route")))
    api.add_exception_handler(Exception, _unexpected)


def _refusal(request: HttpRequest, error: YunjuError | type[YunjuError]) -> HttpResponse:
    return answer(request, error if isinstance(error, YunjuError) else error("api.refused"))


def answer(request: HttpRequest, error: YunjuError, status: int | None = None) -> HttpResponse:
    """The refusal as it is told to a program."""
    cluster = getattr(request, "cluster", None)
    currency = cluster.currency if isinstance(cluster, Cluster) else "CNY"
    found, headers, body = told(error, currency, status)
    return JsonResponse(body, status=found, content_type="application/problem+json", headers=headers)


def told(
    error: YunjuError, currency: str, status: int | None = None
) -> tuple[int, dict[str, str], dict[str, Any]]:
    """Status, headers and body of a refusal, in the language that holds."""
    body = _body(error, currency) | {"status": status or error.status, "retryable": error.retryable}
    if isinstance(error, InvalidMany):
        body["errors"] = [_body(fault, currency) for fault in error.faults]
    headers = {}
    if error.retryable:
        seconds = error.params.get("seconds")
        headers["Retry-After"] = str(seconds if isinstance(error, TooMany) and seconds else RETRY_SECONDS)
    if error.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="yunju"'
    return status or error.status, headers, body


def language_of(accepted: str) -> str:
    """The language that a program asks for by its `Accept-Language`, else ours."""
    return _asked_for(accepted.lower()[:500]) or settings.LANGUAGE_CODE


@lru_cache(maxsize=256)
def _asked_for(accepted: str) -> str:
    for wanted, _weight in parse_accept_lang_header(accepted):
        if wanted == "*":
            break
        try:
            return get_supported_language_variant(wanted)
        except LookupError:
            continue
    return ""


def _body(error: YunjuError, currency: str) -> dict[str, Any]:
    return {
        "type": f"urn:yunju:problem:{error.code}",
        "title": error.code,
        "detail": messages.of(error, currency=currency),
        "code": error.code,
        "params": error.params,
        "field": error.field,
    }


def _invalid(request: HttpRequest, found: ValidationError | type[ValidationError]) -> HttpResponse:
    faults = [_fault(fault) for fault in getattr(found, "errors", [])]
    return answer(request, faults[0] if len(faults) == 1 else InvalidMany(faults))


def _fault(fault: Mapping[str, Any]) -> Invalid:
    code, wanted = _PYDANTIC.get(str(fault.get("type", "")), ("api.invalid", {}))
    context = fault.get("ctx") or {}
    params = {name: context[key] for name, key in wanted.items() if isinstance(context.get(key), int)}
    return Invalid(code, field=field_of(fault.get("loc", ())), **params)


def field_of(place: Sequence[str | int]) -> str:
    """`("body", "payload", "lines", 0, "quantity")` is `lines.0.quantity`."""
    parts = list(place)
    while parts and parts[0] in _WRAPPERS:
        parts.pop(0)
    return ".".join(str(part) for part in parts)


def _http_error(request: HttpRequest, found: HttpError | type[HttpError]) -> HttpResponse:
    status = getattr(found, "status_code", 400)
    if status == 400:
        return answer(request, Invalid("api.body_unreadable"), 400)
    return answer(request, Refused("api.refused"), status)


def _unexpected(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """A fault of ours: the caller learns nothing but that, the log everything."""
    log.error(
        "%s %s failed", request.method, request.path, exc_info=error if isinstance(error, Exception) else None
    )
    return answer(request, *failure(error if isinstance(error, Exception) else None))


def failure(error: BaseException | None) -> tuple[YunjuError, int]:
    """What is told of something that nobody caught, with its status: 503 while the database is away."""
    away = Busy("busy.database")
    return (away, away.status) if is_away(error) else (Busy("api.failed"), 500)
