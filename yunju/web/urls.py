"""The addresses of the pages, by journey."""

from django.urls import path

from yunju.web import home

urlpatterns = [
    path("", home.front, name="home"),
]
