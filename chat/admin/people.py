"""Accounts in the admin: made, renamed, let in and sent away. No row is written or removed past the actions."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chat import limits, policy
from chat.actions import accounts, passwords, sessions
from chat.actions.passwords import WeakPassword
from chat.models import User
from chat.policy import Denied
from chat.wire.codes import ChatError

_RIGHTS = ("is_staff", "is_superuser")


class _Form(forms.ModelForm):  # type: ignore[type-arg]
    new_password = forms.CharField(
        label=_("New password"),
        required=False,
        strip=False,
        max_length=limits.PASSWORD_LENGTH,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        help_text=_("Tell it to the person by a safe way. Whoever is logged in as them is logged out."),
    )

    class Meta:
        model = User
        fields = ("display_name", "is_active", *_RIGHTS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_password"].required = self.instance.pk is None

    def clean_new_password(self) -> str:
        password: str = self.cleaned_data["new_password"]
        try:
            if password:
                passwords.check(password, self.instance)
        except WeakPassword as refusal:
            raise forms.ValidationError(refusal.reasons) from None
        return password


@admin.register(User)
class PersonAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = _Form
    list_display = ("display_name", "kind", "is_active", "is_staff", "created_at", "last_login")
    list_filter = ("kind", "is_active", "is_staff")
    search_fields = ("display_name", "email")
    ordering = ("-pk",)
    actions = ("deactivate", "reactivate", "log_out_everywhere")
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).filter(deleted_at=None)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        return () if _actor(request).is_superuser else _RIGHTS

    # Who may

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_staff(request)

    def has_view_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return is_staff(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return is_staff(request)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return is_staff(request) and (obj is None or _may_manage(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return self.has_change_permission(request, obj)

    # One person

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except ChatError as refusal:
            messages.error(request, refusal.message)
            return HttpResponseRedirect(request.get_full_path())

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        given = form.cleaned_data
        if change:
            _change(obj, given, set(form.changed_data))
        else:
            rights = {right: given.get(right, False) for right in _RIGHTS}
            obj.pk = accounts.add(given["display_name"], given["new_password"], **rights).pk

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        accounts.delete(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._each(request, queryset, accounts.delete)

    def get_deleted_objects(self, objs: Iterable[Any], request: HttpRequest) -> tuple[list[str], Any, Any, Any]:
        """Only the person is forgotten: the row stays, and what was said."""
        return [str(person) for person in objs], {}, set(), []

    # Several at once

    @admin.action(description=_("Deactivate"))
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._each(request, queryset, accounts.deactivate)

    @admin.action(description=_("Let in again"))
    def reactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._each(request, queryset, accounts.reactivate)

    @admin.action(description=_("Log out everywhere"))
    def log_out_everywhere(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._each(request, queryset, sessions.end_all)

    def _each(self, request: HttpRequest, people: QuerySet[User], act: Callable[[User], object]) -> None:
        for person in people:
            try:
                policy.manage_account(_actor(request), person)
                act(person)
            except ChatError as refusal:
                reason = gettext("%(name)s: %(reason)s") % {"name": person.display_name, "reason": refusal.message}
                messages.error(request, reason)


def is_staff(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.is_active and request.user.is_staff


def _actor(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # the admin has asked `has_permission` first
    return request.user


def _may_manage(request: HttpRequest, person: User) -> bool:
    try:
        policy.manage_account(_actor(request), person)
    except Denied:
        return False
    return True


def _change(person: User, given: dict[str, Any], changed: set[str]) -> None:
    if "display_name" in changed:
        accounts.rename(person, given["display_name"])
    if "is_active" in changed:
        (accounts.reactivate if given["is_active"] else accounts.deactivate)(person)
    if changed & set(_RIGHTS):
        accounts.set_rights(person, is_staff=given["is_staff"], is_superuser=given["is_superuser"])
    if given["new_password"]:
        passwords.change(person, given["new_password"])
