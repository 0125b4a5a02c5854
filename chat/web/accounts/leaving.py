"""The ways out: logging out here and everywhere, deactivating, deleting."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from chat.actions import accounts, log_ins
from chat.actions import sessions as session_actions
from chat.models import User
from chat.web import visitor
from chat.web.accounts import sessions
from chat.web.accounts.access import members_only
from chat.web.accounts.forms import Confirmation, posted
from chat.web.gate import open_to_strangers
from chat.wire.codes import ChatError


@open_to_strangers
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def log_out(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":  # somebody reloads by hand what the form has led to
        return redirect("home")
    return _gone(request, gettext("You are logged out"))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def log_out_everywhere(request: HttpRequest, member: User) -> HttpResponse:
    if request.method != "POST":
        return redirect("home")
    session_actions.end_all(member)
    return _gone(request, gettext("You are logged out everywhere"))


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def deactivate(request: HttpRequest, member: User) -> HttpResponse:
    form = Confirmation(member, posted(request))
    if _is_confirmed(request, form, member):
        accounts.deactivate(member)
        return _gone(request, gettext("Your account is deactivated"))
    return render(request, "account/deactivate.html", {"form": form}, status=form.status)


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest) -> HttpResponse:
    """A guest may be forgotten too."""
    person = visitor.person(request)
    if person is None:
        return redirect("home")
    form = Confirmation(person, posted(request))
    if _is_confirmed(request, form, person):
        accounts.delete(person)
        return _gone(request, gettext("Your account is deleted"))
    return render(request, "account/delete.html", {"form": form, "me": person}, status=form.status)


def _is_confirmed(request: HttpRequest, form: Confirmation, person: User) -> bool:
    if not form.is_valid():
        return False
    try:
        if not person.is_guest:
            log_ins.confirm(person, form.cleaned_data["password"])
    except ChatError as refusal:
        form.refuse(refusal, "password")
        return False
    return True


def _gone(request: HttpRequest, title: str) -> HttpResponse:
    """The answer to the form itself, so that no link from elsewhere can make a browser forget what it keeps."""
    sessions.end(request)
    response = render(request, "account/gone.html", {"title": title})
    response["Clear-Site-Data"] = '"storage"'
    return response
