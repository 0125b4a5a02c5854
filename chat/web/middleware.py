"""What stands around every request."""

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
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
