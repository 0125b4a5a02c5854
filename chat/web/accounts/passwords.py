"""Changing one's password, and getting a new one by mail."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.views import PasswordResetConfirmView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from chat.actions import log_ins, passwords
from chat.models import User
from chat.models.session import TIE
from chat.web.accounts import mail
from chat.web.accounts.access import members_only
from chat.web.accounts.forms import NewPassword, PasswordChange, ResetRequest, posted
from chat.web.gate import open_to_strangers
from chat.wire.codes import ChatError


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def change(request: HttpRequest, member: User) -> HttpResponse:
    """This session goes on, under another key; all others end."""
    form = PasswordChange(member, posted(request))
    if form.is_valid():
        try:
            log_ins.confirm(member, form.cleaned_data["password"])
            member = passwords.change(member, form.cleaned_data["new_password"], request.session.get(TIE, ""))
        except ChatError as refusal:
            form.refuse(refusal, "password")
        else:
            update_session_auth_hash(request, member)
            messages.success(request, gettext("Your password is changed. Everywhere else you are logged out."))
            return redirect("account:profile")
    return render(request, "account/password.html", {"form": form}, status=form.status)


@open_to_strangers
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask_for_reset(request: HttpRequest) -> HttpResponse:
    """The same answer, as quickly, whether there is somebody with this address or not."""
    form = ResetRequest(posted(request))
    if settings.CHAT_MAIL and form.is_valid():
        mail.offer_reset(request, form.cleaned_data["email"])
        return redirect("account:reset_sent")
    return render(request, "account/reset.html", {"form": form, "mail": settings.CHAT_MAIL}, status=form.status)


@open_to_strangers
@never_cache
@require_safe
def reset_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "account/reset_sent.html")


@method_decorator(open_to_strangers, name="dispatch")
class Reset(PasswordResetConfirmView):
    """Django's: the link's token goes into the session and out of the address."""

    form_class = NewPassword  # type: ignore[assignment]
    template_name = "account/reset_confirm.html"
    success_url = reverse_lazy("account:log_in")

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        messages.success(self.request, gettext("Your new password is set. Log in with it."))
        return answer
