"""Registers the house itself with Django, last of all: every room is loaded when it joins them."""

from django.apps import AppConfig

from yunju.config import wiring


class HouseConfig(AppConfig):
    name = "yunju.config"
    label = "config"

    def ready(self) -> None:
        wiring.connect()
