"""Begins a new life of the log: after a restore, all that clients and hubs remember is void."""

from django.db import transaction

from chat.models import Epoch
from chat.queries.rooms import epoch_key


def begin(instead_of: str | None = None) -> str:
    """The key of the epoch that then holds. With `instead_of`, a new one begins only where that one still holds.

    Whoever restores calls this in the transaction that writes what is restored.
    """
    with transaction.atomic():
        newest = Epoch.objects.select_for_update().order_by("-pk").first()
        if newest is None or instead_of is None or newest.key == instead_of:
            Epoch.objects.create()
        return epoch_key()
