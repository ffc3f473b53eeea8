"""Registers shops with Django."""

from django.apps import AppConfig


class ShopsConfig(AppConfig):
    name = "yunju.shops"
    label = "shops"
    default_auto_field = "django.db.models.BigAutoField"
