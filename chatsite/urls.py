"""The site's addresses: the chat's, and the admin's, which has no ways in and out of its own."""

from django.contrib import admin
from django.urls import include, path, reverse_lazy
from django.views.generic import RedirectView

from chat.web.accounts.leaving import log_out

handler500 = "chat.web.errors.failed"

urlpatterns = [
    path("", include("chat.web.urls")),
    path("admin/login/", RedirectView.as_view(url=reverse_lazy("account:log_in"), query_string=True)),
    path("admin/logout/", log_out),
    path("admin/password_change/", RedirectView.as_view(url=reverse_lazy("account:password"))),
    path("admin/", admin.site.urls),
]
