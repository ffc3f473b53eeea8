"""The front page of a cluster, and its shelf."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def front(request: HttpRequest) -> HttpResponse:
    """The face of the cluster."""
    return render(request, "web/front.html")
