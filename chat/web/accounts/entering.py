"""The ways in: signing up and logging in."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from chat import limits, policy
from chat.actions import accounts, log_ins
from chat.actions.accounts import NameTaken
from chat.models import User
from chat.policy import Denied
from chat.rates import Buckets
from chat.web import address, visitor
from chat.web.accounts import browsers, mail, redirects, sessions
from chat.web.accounts.forms import LogIn, SignUp, posted
from chat.web.gate import open_to_strangers
from chat.wire.codes import ChatError, Code

_sign_up_rates = Buckets(limits.SIGN_UP_BURST, limits.SIGN_UPS_PER_SECOND)


@open_to_strangers
@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def log_in(request: HttpRequest) -> HttpResponse:
    form = LogIn(posted(request))
    if form.is_valid():
        try:
            person = log_ins.check(form.cleaned_data["name"], form.cleaned_data["password"], browsers.of(request))
        except Denied:
            return render(request, "account/deactivated.html", status=403)
        except ChatError as refusal:
            form.refuse(refusal)
        else:
            return _enter(request, person)
    context = {"form": form, "next": redirects.asked_for(request), "me": request.user, "may_sign_up": may_sign_up()}
    return render(request, "account/log_in.html", context | {"mail": settings.CHAT_MAIL}, status=form.status)


@open_to_strangers
@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest, token: str | None = None) -> HttpResponse:
    """For a stranger or a guest, who then keeps what they have said. Where it is closed, there is the log-in."""
    if isinstance(request.user, User):
        return redirect("account:profile")
    try:
        policy.sign_up(invited=token is not None)
    except Denied:
        return redirect("account:log_in")
    guest = visitor.person(request)
    form = SignUp(posted(request), initial={"name": guest.display_name if guest else ""})
    if form.is_valid():
        try:
            return _enter(request, _signed_up(request, form, guest, token))
        except NameTaken as refusal:
            form.refuse(refusal, "name")
        except ChatError as refusal:
            form.refuse(refusal)
    context = {"form": form, "guest": guest, "next": redirects.asked_for(request)}
    return render(request, "account/sign_up.html", context, status=form.status)


def may_sign_up() -> bool:
    return settings.CHAT_SIGN_UP == "open"


def _signed_up(request: HttpRequest, form: SignUp, guest: User | None, token: str | None) -> User:
    if wait := _sign_up_rates.take(address.of(request)):
        raise ChatError(Code.RATE_LIMITED, "Too many sign-ups from this address.", retry_after=wait)
    name, password, email = (form.cleaned_data[field] for field in ("name", "password", "email"))
    person = accounts.sign_up(name, password, email=email, guest=guest, token=token)
    if email:
        mail.ask_to_confirm(request, person)
    return person


def _enter(request: HttpRequest, person: User) -> HttpResponse:
    response = redirect(redirects.next_page(request))
    browsers.remember(request, response, person)
    sessions.begin(request, person)
    return response
