"""The routes of /api/v1: one file per noun in `v1`."""

from django.urls import path
from ninja import NinjaAPI

api = NinjaAPI(title="Yunju", version="1", urls_namespace="api", docs_url=None)

urlpatterns = [path("", api.urls)]
