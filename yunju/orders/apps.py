"""Registers orders with Django."""

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "yunju.orders"
    label = "orders"
    default_auto_field = "django.db.models.BigAutoField"
