"""What stands around every request."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile


class StaticFiles(WhiteNoiseMiddleware):
    """WhiteNoise, whose files leave in one piece: under ASGI Django warns of an iterator and reads it in a thread."""

    @staticmethod
    def serve(static_file: StaticFile, request: HttpRequest) -> HttpResponseBase:
        streamed: HttpResponseBase = WhiteNoiseMiddleware.serve(static_file, request)
        if not isinstance(streamed, StreamingHttpResponse):
            return streamed
        response = HttpResponse(b"".join(streamed), status=streamed.status_code, headers=dict(streamed.items()))
        streamed.close()
        return response


class Isolation(MiddlewareMixin):
    """What a page may ask of a browser, and who may load it: beside Django's own COOP and the content policy."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response
