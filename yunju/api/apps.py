"""Registers api with Django."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "yunju.api"
    label = "api"
