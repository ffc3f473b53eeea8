"""Registers talks with Django."""

from django.apps import AppConfig


class TalksConfig(AppConfig):
    name = "yunju.talks"
    label = "talks"
    default_auto_field = "django.db.models.BigAutoField"
