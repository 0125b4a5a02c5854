"""Makes links by which people sign up where not everybody may, and uses them up."""

import secrets
from datetime import timedelta
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from chat import limits, policy
from chat.models import SignUpLink, User
from chat.models.sign_up_link import hash_link_token
from chat.policy import Denied
from chat.wire.codes import Code


class Made(NamedTuple):
    link: SignUpLink
    token: str  # known now and never again


def make(maker: User | None, uses: int = 1, seconds: float = limits.SIGN_UP_LINK_SECONDS) -> Made:
    """`maker` is None for the operator at the console. Raises Denied."""
    if maker is not None:
        policy.invite_to_site(maker)
    token = secrets.token_urlsafe(24)
    link = SignUpLink.objects.create(
        token_hash=hash_link_token(token),
        made_by=maker,
        uses_left=uses,
        expires_at=timezone.now() + timedelta(seconds=seconds),
    )
    return Made(link, token)


def revoke(link: SignUpLink) -> None:
    SignUpLink.objects.filter(pk=link.pk).update(uses_left=0)


def use(token: str) -> None:
    """Take one of its uses, within the transaction that signs somebody up. Raises Denied(not_found)."""
    with transaction.atomic():
        link = SignUpLink.objects.select_for_update().filter(token_hash=hash_link_token(token)).first()
        if link is None or not link.is_usable:
            raise Denied(Code.NOT_FOUND, "This link has been used up, has expired, or has been withdrawn.")
        link.uses_left -= 1
        link.save(update_fields=("uses_left",))
