"""Who a session stands for, as its sockets would find."""

from chat.models import User
from chat.queries import entering


def user_of(session_key: str | None) -> User | None:
    found = entering.visitor(session_key)[0].user
    return None if found is None else User.objects.get(pk=found.pk)
