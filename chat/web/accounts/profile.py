"""One's own page: name, language, time zone, and the ways to all else about the account."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext, override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from chat.actions import accounts
from chat.actions.accounts import NameTaken
from chat.models import User
from chat.web import renaming, visitor
from chat.web.accounts.entering import may_sign_up
from chat.web.accounts.forms import Profile, posted
from chat.wire.codes import ChatError


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    me = visitor.person(request)
    form = Profile(posted(request), initial=_known(me))
    if form.is_valid():
        try:
            me = _save(visitor.person_to_write(request), **form.cleaned_data)
        except NameTaken as refusal:
            form.refuse(refusal, "name")
        except ChatError as refusal:
            form.refuse(refusal)
        else:
            with override(me.language or get_language()):
                messages.success(request, gettext("Saved."))
            return redirect("account:profile")
    context = {"form": form, "me": me, "may_sign_up": may_sign_up()}
    return render(request, "account/profile.html", context, status=form.status)


def _known(me: User | None) -> dict[str, str]:
    return {"name": me.display_name, "language": me.language, "time_zone": me.time_zone} if me else {}


def _save(me: User, *, name: str, language: str, time_zone: str) -> User:
    if name != me.display_name:
        me = renaming.rename(me, name)
    return accounts.prefer(me, language=language, time_zone=time_zone)
