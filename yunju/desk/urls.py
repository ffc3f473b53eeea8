"""The back office: Django's admin, for staff, signed in by the same page as everybody."""

from django.contrib import admin
from django.urls import path

admin.site.site_header = "Yunju"
admin.site.site_title = "Yunju"
admin.site.site_url = "/"

urlpatterns = [path("", admin.site.urls)]
