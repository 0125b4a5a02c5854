"""Makes rooms."""

from collections.abc import Callable

from django.db import IntegrityError, transaction

from chat import policy
from chat.models import Room
from chat.policy import Denied, Viewer
from chat.queries import rooms


def enter(viewer: Viewer, slug: str, before_making: Callable[[], None] = lambda: None) -> Room:
    """The room of that slug, made if there is none and the viewer may make it; `before_making` may refuse that.

    Raises Denied(not_found): hidden, or absent and not to be made.
    """
    try:
        return rooms.find(viewer, slug)
    except Denied:
        policy.create_public_room(viewer)
        if rooms.exists(slug):
            return rooms.find(viewer, slug)  # hidden; or made by somebody else at this moment
    before_making()
    try:
        with transaction.atomic():
            return Room.objects.create(slug=slug, title=slug, kind=Room.Kind.PUBLIC)
    except IntegrityError:  # somebody else entered it at the same moment
        return rooms.find(viewer, slug)
