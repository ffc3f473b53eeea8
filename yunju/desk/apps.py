"""Registers desk with Django."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "yunju.desk"
    label = "desk"
