"""The addresses of accounts."""

from django.urls import URLPattern

app_name = "account"
urlpatterns: list[URLPattern] = []
