"""Registers the kernel with Django under the label `kernel`."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    name = "yunju.kernel"
    label = "kernel"
    default_auto_field = "django.db.models.BigAutoField"
