"""Forms that do something, and the pages that hold them.

Several can stand on one page: the hidden field `do` says which one was sent. A form knows its fields and which action
it is for; whether that may be is the action's to say.
"""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chat import limits
from chat.models import User
from chat.rates import Buckets
from chat.web import visitor
from chat.web.rooms import wording
from chat.wire.codes import ChatError, Code

_rates = Buckets(limits.MANAGE_BURST, limits.MANAGES_PER_SECOND)
_STATUS = {Code.FORBIDDEN: 403, Code.NOT_FOUND: 404, Code.RATE_LIMITED: 429, Code.UNAVAILABLE: 503, Code.INTERNAL: 500}


class Deed(forms.Form):
    """`status` is that of the page that shows it: not 200 once something was refused."""

    do: ClassVar[str]
    heading: ClassVar[str | Promise] = ""
    lead: ClassVar[str | Promise] = ""
    submit: ClassVar[str | Promise] = _("Save")
    danger: ClassVar[bool] = False

    status = 200

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(auto_id=f"{self.do}-%s", label_suffix="", **kwargs)
        for field in self.fields.values():
            if isinstance(field.widget, forms.RadioSelect | forms.CheckboxInput):
                continue
            kind = "select" if isinstance(field.widget, forms.Select) else "field"
            field.widget.attrs.setdefault("class", f"{kind} form__input")

    def act(self, person: User) -> str | None:
        """Do it. Returns the address to go on to; None to stay, with what there is to show."""
        raise NotImplementedError

    def refuse(self, refusal: ChatError) -> None:
        self.add_error(None, wording.sentence(refusal))
        self.status = _STATUS.get(refusal.code, 400)


Make = Callable[..., Deed]  # takes what `forms.Form` takes


def serve(
    request: HttpRequest, template: str, makes: Sequence[Make], context: Callable[[], dict[str, Any]] = dict
) -> HttpResponse:
    """The page with these forms; where one was sent, what it leads to or what was wrong with it."""
    shown = {form.do: form for form in (make() for make in makes)}
    sent = None
    if request.method == "POST":
        sent = _sent(request, shown, makes)
        shown[sent.do] = sent
        going_on = _try(request, sent)
        if going_on is not None:
            return redirect(going_on)
    return render(request, template, {"forms": shown, "sent": sent, **context()}, status=sent.status if sent else 200)


def _sent(request: HttpRequest, shown: dict[str, Deed], makes: Sequence[Make]) -> Deed:
    do = request.POST.get("do", "")
    if do not in shown:
        raise BadRequest("No form of this page was sent.")
    return makes[list(shown).index(do)](data=request.POST)


def _try(request: HttpRequest, form: Deed) -> str | None:
    if not form.is_valid():
        form.status = 400
        return None
    try:
        person = visitor.person_to_write(request)
        if wait := _rates.take(person.pk):
            raise ChatError(Code.RATE_LIMITED, "That was a lot at once; wait a moment.", retry_after=wait)
        return form.act(person)
    except ChatError as refusal:
        form.refuse(refusal)
        return None
