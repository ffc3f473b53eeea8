"""Which room answers under which path. The rooms keep their own lists."""

from django.urls import include, path

urlpatterns = [
    path("api/v1/", include("yunju.api.urls")),
    path("hooks/", include("yunju.api.hooks")),  # notifications of payment providers
    path("desk/", include("yunju.desk.urls")),
    path("", include("yunju.web.urls")),
]
handler500 = "yunju.config.failing.failed"
