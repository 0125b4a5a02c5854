"""The chat's addresses."""

from django.urls import include, path
from django.views.i18n import JavaScriptCatalog

from chat.web import home, lookup, views

urlpatterns = [
    path("", home.home, name="home"),
    path("open/", home.open_room, name="open-room"),
    path("chat/<room>/", views.room, name="room"),
    path("chat/<room>/<int:number>", views.room, name="message"),
    path("account/", include("chat.web.accounts.urls")),
    path("", include("chat.web.rooms.urls")),
    path("lookup.json", lookup.lookup, name="lookup"),
    path("me/name/", views.rename, name="name"),
    path("words.js", JavaScriptCatalog.as_view(packages=["chat"]), name="words"),
]
