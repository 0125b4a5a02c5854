"""Each page in the language and the time zone that its reader has chosen."""

from django.conf import settings
from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django.utils import timezone, translation

from chat.web import visitor


class Preferences(LocaleMiddleware):
    """A reader without a choice gets what the browser asks for, and the site's zone."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        reader = visitor.person(request)
        if reader is not None and reader.language in dict(settings.LANGUAGES):
            translation.activate(reader.language)
            request.LANGUAGE_CODE = reader.language
        if reader is not None and reader.time_zone:
            timezone.activate(reader.time_zone)
        else:
            timezone.deactivate()
