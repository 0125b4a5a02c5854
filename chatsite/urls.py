"""The site's addresses: the chat's, and the admin's, which has no log-in of its own."""

from django.contrib import admin
from django.urls import include, path, reverse_lazy
from django.views.generic import RedirectView

urlpatterns = [
    path("", include("chat.web.urls")),
    path("admin/login/", RedirectView.as_view(url=reverse_lazy("account:log_in"), query_string=True)),
    path("admin/logout/", RedirectView.as_view(url=reverse_lazy("account:profile"))),
    path("admin/password_change/", RedirectView.as_view(url=reverse_lazy("account:password"))),
    path("admin/", admin.site.urls),
]
