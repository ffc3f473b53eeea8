"""Registers notices with Django."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "yunju.notices"
    label = "notices"
    default_auto_field = "django.db.models.BigAutoField"
