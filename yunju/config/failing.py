"""What a failure is told as: 503 while the database is away, else 500; to programs as a problem, to people as a page.

Django calls it wherever something was raised that nobody caught, in a middleware as well as in a page. The pages need
nothing: no database, no cluster, no language.
"""

import sys

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import loader
from django.views.defaults import server_error

from yunju.api import problems
from yunju.kernel.errors import Busy
from yunju.web.middleware import wants_json


def failed(request: HttpRequest) -> HttpResponse:
    """The answer to what is being handled."""
    refusal, status = problems.failure(sys.exc_info()[1])
    if request.path.startswith("/api/"):
        return problems.answer(request, refusal, status)
    if wants_json(request):
        _status, headers, body = problems.told(refusal, "CNY", status)
        return JsonResponse({name: body[name] for name in ("code", "detail")}, status=status, headers=headers)
    if status == Busy.status:
        page = loader.get_template("503.html").render()
        return HttpResponse(page, status=Busy.status, headers={"Retry-After": str(problems.RETRY_SECONDS)})
    return server_error(request)
