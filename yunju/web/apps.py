"""Registers web with Django."""

from typing import Any

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest
from django.urls import reverse

from yunju.members import sessions


class WebConfig(AppConfig):
    name = "yunju.web"
    label = "web"

    def ready(self) -> None:
        """The back office has its own page to sign in, by password alone: its sessions know the password like ours."""
        user_logged_in.connect(_by_the_desk, dispatch_uid="yunju.web.desk")


def _by_the_desk(request: HttpRequest | None, **_kwargs: Any) -> None:
    if request is not None and request.method == "POST" and request.path == reverse("admin:login"):
        sessions.confirm(request.session, by_password=True)
