"""Registers the ship mode with Django."""

from django.apps import AppConfig


class ShipConfig(AppConfig):
    name = "yunju.modes.ship"
    label = "ship"
    default_auto_field = "django.db.models.BigAutoField"
