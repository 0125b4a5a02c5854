"""What people fill in about their accounts. A form knows what a field looks like; whether it may be is the actions'."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chat import limits
from chat.actions import passwords
from chat.actions.log_ins import WrongPassword
from chat.actions.passwords import WeakPassword
from chat.models import User
from chat.text import names
from chat.web.accounts import wording
from chat.wire.codes import ChatError


class Form(forms.Form):
    """`status` is that of the page that shows it: not 200 once something was refused.

    `username` is whose password is asked for, where the form does not ask for the name too.
    """

    status = 200
    username = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        for field in self.fields.values():
            kind = "select" if isinstance(field.widget, forms.Select) else "field"
            field.widget.attrs.setdefault("class", f"{kind} form__input")

    def is_valid(self) -> bool:
        valid = super().is_valid()
        if self.is_bound and not valid:
            self.status = 400
        return valid

    def refuse(self, refusal: ChatError, field: str | None = None) -> None:
        """What the actions had against it; of all there is in it, or of one field."""
        reasons = refusal.reasons if isinstance(refusal, WeakPassword) else [wording.sentence(refusal)]
        if isinstance(refusal, WrongPassword) and field:
            reasons = [gettext("This is not your password.")]
        self.add_error(field if field in self.fields else None, reasons)
        self.status = wording.status(refusal)


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent; None where the form is only asked for."""
    return request.POST if request.method == "POST" else None


def _name(**attributes: str) -> forms.CharField:
    widget = forms.TextInput({"autocapitalize": "none", "spellcheck": "false", "dir": "auto", **attributes})
    return forms.CharField(label=_("Name"), max_length=4 * limits.NAME_LENGTH, widget=widget)


def _password(label: Any, *, new: bool, **options: Any) -> forms.CharField:
    widget = forms.PasswordInput({"autocomplete": "new-password" if new else "current-password", "data-password": ""})
    return forms.CharField(label=label, max_length=limits.PASSWORD_LENGTH, strip=False, widget=widget, **options)


def _new_password(label: Any) -> forms.CharField:
    hint = _("At least %(least)s characters. Several words are easier to remember than one with signs in it.")
    return _password(label, new=True, help_text=hint % {"least": limits.PASSWORD_LEAST})


def _email(**options: Any) -> forms.EmailField:
    return forms.EmailField(
        label=_("E-mail address"),
        required=False,
        widget=forms.EmailInput({"autocomplete": "email", "spellcheck": "false"}),
        **options,
    )


class NewName(Form):
    """One that asks for a name to be shown."""

    name = _name(autocomplete="nickname")

    def clean_name(self) -> str:
        try:
            return names.display_name(self.cleaned_data["name"])
        except names.BadName:
            raise forms.ValidationError(wording.bad_name()) from None


class SignUp(NewName):
    name = _name(autocomplete="username")
    password = _new_password(_("Password"))
    email = _email(
        help_text=_("Not needed. Nobody sees it; it helps you back in when you have forgotten your password.")
    )

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if "password" in data:
            person = User(username=names.username(data.get("name", "")), email=data.get("email", ""))
            _check(self, "password", person)
        return data


class LogIn(Form):
    name = _name(autocomplete="username")
    password = _password(_("Password"), new=False)


class Profile(NewName):
    language = forms.ChoiceField(label=_("Language"), required=False)
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = [("", _("As my browser asks")), *settings.LANGUAGES]  # type: ignore[attr-defined]
        site = _("The site's (%(zone)s)") % {"zone": settings.TIME_ZONE}
        self.fields["time_zone"].choices = [("", site), *((zone, zone.replace("_", " ")) for zone in _zones())]  # type: ignore[attr-defined]


class Confirmation(Form):
    """That it is oneself. A guest has nothing to show but the browser."""

    password = _password(_("Your password"), new=False)

    def __init__(self, person: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.username = person.username
        if person.is_guest:
            del self.fields["password"]


class Email(Confirmation):
    email = _email(help_text=_("Leave it empty to have none."))
    field_order = ("email", "password")


class NewPassword(Form):
    """For one who has shown otherwise who they are. `user` is whose password it will be; None behind a bad link."""

    new_password = _new_password(_("New password"))

    def __init__(self, user: User | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user or User()
        self.username = self.user.username

    def clean(self) -> dict[str, Any]:
        if "new_password" in self.cleaned_data:
            _check(self, "new_password", self.user)
        return self.cleaned_data

    def save(self) -> User:
        return passwords.change(self.user, self.cleaned_data["new_password"])


class PasswordChange(NewPassword):
    password = _password(_("Present password"), new=False)
    field_order = ("password", "new_password")


class ResetRequest(Form):
    email = _email()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].required = True


def _check(form: Form, field: str, person: User) -> None:
    try:
        passwords.check(form.cleaned_data[field], person)
    except WeakPassword as refusal:
        form.refuse(refusal, field)


def _zones() -> list[str]:
    """Those named after a place; the others are old spellings of them."""
    return sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/")))
