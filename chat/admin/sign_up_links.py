"""Sign-up links in the admin: made, shown once, withdrawn."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chat import limits
from chat.actions import sign_up_links
from chat.admin.people import is_staff
from chat.models import SignUpLink, User

_DAY = 86_400  # seconds


class _Form(forms.ModelForm):  # type: ignore[type-arg]
    uses_left = forms.IntegerField(label=_("How many people"), min_value=1, max_value=10_000, initial=1)
    days = forms.IntegerField(
        label=_("For how many days"),
        min_value=1,
        max_value=366,
        initial=max(1, int(limits.SIGN_UP_LINK_SECONDS // _DAY)),
    )

    class Meta:
        model = SignUpLink
        fields = ("uses_left",)


@admin.register(SignUpLink)
class SignUpLinkAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = _Form
    list_display = ("id", "made_by", "created_at", "expires_at", "uses_left")
    ordering = ("-pk",)
    actions = ("withdraw",)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_staff(request)

    def has_view_permission(self, request: HttpRequest, obj: SignUpLink | None = None) -> bool:
        return is_staff(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return is_staff(request)

    def has_change_permission(self, request: HttpRequest, obj: SignUpLink | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: SignUpLink | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: SignUpLink, form: Any, change: bool) -> None:
        assert isinstance(request.user, User)
        given = form.cleaned_data
        made, token = sign_up_links.make(request.user, given["uses_left"], given["days"] * _DAY)
        obj.pk = made.pk
        link = request.build_absolute_uri(reverse("account:sign_up_by_link", args=[token]))
        messages.warning(request, gettext("Only now is this link shown: %(link)s") % {"link": link})

    @admin.action(description=_("Withdraw"), permissions=["view"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[SignUpLink]) -> None:
        for link in queryset:
            sign_up_links.revoke(link)
