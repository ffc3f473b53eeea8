"""Imported first by what runs beside the house: Django is set up on the home that the environment names."""

import django
from django.apps import apps

from yunju.cli import environment

if not apps.ready:
    environment.prepare("app")
    django.setup()
