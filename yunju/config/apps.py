"""Registers the house itself with Django, last of all: every room is loaded when it joins them."""

from django.apps import AppConfig
from django.utils.module_loading import import_string


class HouseConfig(AppConfig):
    name = "yunju.config"
    label = "config"

    def ready(self) -> None:
        # By name: the wiring imports the rooms' tables, which exist only once Django has read the list of rooms.
        import_string("yunju.config.wiring.connect")()
