"""One's e-mail address: given, changed, confirmed."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from chat.actions import emails, log_ins
from chat.models import User
from chat.web.accounts import mail
from chat.web.accounts.access import members_only
from chat.web.accounts.forms import Email, posted
from chat.web.gate import open_to_strangers
from chat.wire.codes import ChatError


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def change(request: HttpRequest, member: User) -> HttpResponse:
    """The same address once more sends another mail."""
    form = Email(member, posted(request), initial={"email": member.email})
    if form.is_valid():
        try:
            log_ins.confirm(member, form.cleaned_data["password"])
            former = member.email if member.email_confirmed_at else ""
            member = emails.change(member, form.cleaned_data["email"])
        except ChatError as refusal:
            form.refuse(refusal, "password")
        else:
            if former and former != member.email:
                mail.tell_former(request, member, former)
            messages.success(request, _told(request, member))
            return redirect("account:profile")
    return render(request, "account/email.html", {"form": form, "mail": settings.CHAT_MAIL}, status=form.status)


@open_to_strangers
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Only the button confirms: programs that look at mails follow their links too."""
    found = mail.confirmed(token)
    try:
        if found and request.method == "POST":
            emails.confirm(*found)
            return render(request, "account/email_confirmed.html", {"address": found[1]})
    except ChatError:
        found = None
    context = {"address": found[1] if found else ""}
    return render(request, "account/confirm_email.html", context, status=200 if found else 404)


def _told(request: HttpRequest, member: User) -> str:
    if not member.email:
        return gettext("You have no e-mail address here any more.")
    if member.email_confirmed_at or not settings.CHAT_MAIL:
        return gettext("Your e-mail address is saved.")
    mail.ask_to_confirm(request, member)
    return gettext("We have written to %(address)s. Follow the link in that mail to confirm the address.") % {
        "address": member.email
    }
