"""Registers filings with Django."""

from django.apps import AppConfig


class FilingsConfig(AppConfig):
    name = "yunju.filings"
    label = "filings"
    default_auto_field = "django.db.models.BigAutoField"
