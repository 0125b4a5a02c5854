"""Rooms in the admin: looked through, archived and deleted by the actions; and the audit log, which nobody changes.

What was said in a room is not here: the staff reads private rooms no more than anybody else.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chat.actions import rooms
from chat.admin.people import is_staff
from chat.models import AuditEntry, Room, User
from chat.wire.codes import ChatError


class _ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]
    show_full_result_count = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_staff(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_staff(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Room)
class RoomAdmin(_ReadOnly):
    list_display = ("__str__", "title", "kind", "archived_at", "created_at", "last_posted_at")
    list_filter = ("kind",)
    search_fields = ("slug", "title", "topic")
    ordering = ("-pk",)
    fields = (
        "slug",
        "title",
        "topic",
        "kind",
        "members_only",
        "slow_seconds",
        "created_at",
        "last_posted_at",
        "archived_at",
    )
    actions = ("archive", "revive")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Room]:
        return super().get_queryset(request).exclude(kind=Room.Kind.DELETED)

    def has_delete_permission(self, request: HttpRequest, obj: Room | None = None) -> bool:
        return is_staff(request)

    def delete_model(self, request: HttpRequest, obj: Room) -> None:
        _each(request, [obj], rooms.delete)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Room]) -> None:
        _each(request, queryset, rooms.delete)

    def get_deleted_objects(self, objs: Iterable[Any], request: HttpRequest) -> tuple[list[str], Any, Any, Any]:
        """All that belongs to a room goes with it, too much to be listed."""
        return [f"{room.title or room.slug}" for room in objs], {}, set(), []

    @admin.action(description=_("Archive"), permissions=["view"])
    def archive(self, request: HttpRequest, queryset: QuerySet[Room]) -> None:
        _each(request, queryset, rooms.archive)

    @admin.action(description=_("Open again"), permissions=["view"])
    def revive(self, request: HttpRequest, queryset: QuerySet[Room]) -> None:
        _each(request, queryset, rooms.revive)


@admin.register(AuditEntry)
class AuditEntryAdmin(_ReadOnly):
    list_display = ("made_at", "room_title", "actor", "kind", "person", "detail")
    list_filter = ("kind",)
    search_fields = ("room_title", "actor__display_name", "person__display_name")
    ordering = ("-pk",)
    list_select_related = ("actor", "person")


def _each(request: HttpRequest, chosen: Iterable[Room], act: Callable[[User, int], object]) -> None:
    assert isinstance(request.user, User)  # the admin has asked `has_view_permission` first
    for room in chosen:
        try:
            act(request.user, room.pk)
        except ChatError as refusal:
            reason = gettext("%(name)s: %(reason)s") % {"name": str(room), "reason": refusal.message}
            messages.error(request, reason)
