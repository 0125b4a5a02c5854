"""The ASGI application: pages to Django, sockets past the origin check to the chat, both as the visitor came."""

import os

import django
from channels.routing import ProtocolTypeRouter
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
django.setup(set_prefix=False)  # what follows needs it

from chat.ops.lifespan import watched  # noqa: E402
from chat.ops.probes import Probes  # noqa: E402
from chat.ops.requests import Requests  # noqa: E402
from chat.realtime import node  # noqa: E402
from chat.realtime.lifespan import lifespan  # noqa: E402
from chat.realtime.origin import ExactOrigin  # noqa: E402
from chat.realtime.routing import sockets  # noqa: E402
from chat.web.handler import Pages  # noqa: E402
from chatsite.proxies import BehindProxies  # noqa: E402

application = BehindProxies(
    ProtocolTypeRouter(
        {
            "http": Requests(Probes(Pages(), node.present)),
            "websocket": ExactOrigin(sockets, settings.ALLOWED_ORIGINS),
            "lifespan": watched(lifespan),
        }
    ),
    settings.TRUSTED_PROXIES,
)
