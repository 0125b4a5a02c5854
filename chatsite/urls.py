"""The site's addresses: all of them are the chat's."""

from django.urls import include, path

urlpatterns = [path("", include("chat.web.urls"))]
