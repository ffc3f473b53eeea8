"""Registers members with Django."""

from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "yunju.members"
    label = "members"
    default_auto_field = "django.db.models.BigAutoField"
