"""The ASGI application: pages to Django, sockets past the origin check to the chat."""

import os

from channels.routing import ProtocolTypeRouter
from django.conf import settings
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
pages = get_asgi_application()  # sets Django up; what follows needs it

from chat.realtime.lifespan import lifespan  # noqa: E402
from chat.realtime.origin import ExactOrigin  # noqa: E402
from chat.realtime.routing import sockets  # noqa: E402

application = ProtocolTypeRouter(
    {"http": pages, "websocket": ExactOrigin(sockets, settings.ALLOWED_ORIGINS), "lifespan": lifespan}
)
