"""The routes of /api/v1: one file per noun in `v1`."""

from django.http import HttpRequest, HttpResponse
from django.urls import path, re_path
from ninja import NinjaAPI
from ninja.operation import Operation

from yunju.api import problems
from yunju.api.shapes import StrictParser
from yunju.api.v1 import (
    balances,
    carts,
    cases,
    favourites,
    imports,
    jobs,
    listings,
    materials,
    me,
    offers,
    orders,
    payouts,
    purchases,
    sales,
    shelf,
    shops,
    statements,
    supply,
    talks,
    tokens,
)
from yunju.kernel.errors import NotFound

NOUNS = (
    shelf,
    sales,
    offers,
    shops,
    listings,
    materials,
    carts,
    purchases,
    orders,
    cases,
    balances,
    statements,
    supply,
    imports,
    payouts,
    me,
    favourites,
    jobs,
    talks,
    tokens,
)


class Api(NinjaAPI):
    """Ninja's, with operation ids that do not change when a file is moved."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__


api = Api(
    title="Yunju",
    version="1",
    description="Shelf, shops, purchases, orders and money of a cluster. See docs/api.md.",
    urls_namespace="api",
    docs_url=None,  # its page would load script from a foreign host
    parser=StrictParser(),
)
problems.install(api)
for noun in NOUNS:
    api.add_router("", noun.router)


def no_route(request: HttpRequest) -> HttpResponse:
    """Every other address below /api/v1."""
    return problems.answer(request, NotFound("api.no_route"))


urlpatterns = [path("", no_route), path("", api.urls), re_path(r"", no_route)]
