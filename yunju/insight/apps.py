"""Registers insight with Django."""

from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "yunju.insight"
    label = "insight"
    default_auto_field = "django.db.models.BigAutoField"
