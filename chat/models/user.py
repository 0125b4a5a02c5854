"""One model for members, guests and bots."""

import hashlib
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac

from chat import limits
from chat.text import names


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        """By any spelling of the name that people would take for it."""
        return self.get(username_key=names.key(username or ""))

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        """A member, who logs in. `username` is what @mentions say; the display name is the same unless given."""
        user = self.model(kind=User.Kind.MEMBER, **fields)
        user.take_name(names.display_name(username))
        user.display_name = fields.get("display_name") or user.display_name
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(username, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    class Kind(models.TextChoices):
        MEMBER = "member"
        GUEST = "guest"
        BOT = "bot"

    kind = models.CharField(max_length=8, choices=Kind, default=Kind.MEMBER)
    username = models.CharField(max_length=60, unique=True)
    # What names share that people would take for one another (chat.text.names.key).
    username_key = models.CharField(max_length=names.KEY_LENGTH, unique=True, editable=False)
    display_name = models.CharField(max_length=60)
    # And what they share when they only look alike as they are written; None for one that was there before its double.
    username_look = models.CharField(max_length=names.KEY_LENGTH, unique=True, null=True, editable=False)  # noqa: DJ001
    # Of the secret that a guest's browser or client holds, only the hash: the table alone lets nobody in.
    guest_key = models.CharField(max_length=64, unique=True, null=True, editable=False)  # noqa: DJ001 - NULLs are not equal
    # Of a guest: where they came from the last time, so that a ban holds against one who throws the cookie away. It is
    # kept in a form that only this site can recognise (hash_address).
    came_from = models.CharField(max_length=64, blank=True, editable=False)
    email = models.EmailField(blank=True)
    email_confirmed_at = models.DateTimeField(null=True, editable=False)
    language = models.CharField(max_length=16, blank=True)  # empty: what the browser asks for
    time_zone = models.CharField(max_length=64, blank=True)  # empty: the site's
    rooms_by_hand = models.BooleanField(default=False, db_default=False, editable=False)  # how their list is sorted
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)  # not: deactivated, until the staff says otherwise
    # How often sessions of this person were ended: a socket that knows the present number need not ask for its own.
    sessions_ended = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    deleted_at = models.DateTimeField(null=True, editable=False)  # scrubbed: only the row is kept, for its messages
    created_at = models.DateTimeField(default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.display_name

    @property
    def is_guest(self) -> bool:
        return self.kind == self.Kind.GUEST

    def take_name(self, name: str) -> None:
        """Set username, its key and the display name together; saving fails where someone has a name like it."""
        self.display_name = name
        self.username = names.username(name)
        self.username_key = names.key(name)
        self.username_look = names.look(name)

    def scrub(self) -> None:
        """Forget who this was. No name that anybody can type is taken: a name's key has no blank in it."""
        nobody = f"deleted {self.pk}"
        self.display_name, self.username, self.username_key, self.username_look = "", nobody, nobody, None
        self.email, self.email_confirmed_at, self.guest_key = "", None, None
        self.language = self.time_zone = self.came_from = ""
        self.is_active = self.is_staff = self.is_superuser = False
        self.last_login = None
        self.set_unusable_password()
        self.deleted_at = timezone.now()


def hash_guest_key(secret: str) -> str:
    """What the table keeps of a guest's secret (random, so that one round without salt is enough)."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


@lru_cache(maxsize=10_000)  # asked at each entrance
def hash_address(address: str) -> str:
    """What is kept of an address, keyed with the site's secret; of IPv6 the network of one household (/64)."""
    try:
        parsed = ip_address(address)
    except ValueError:  # the path of a socket
        seen = address
    else:
        mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
        seen = parsed.packed[:8].hex() if isinstance(parsed, IPv6Address) and not mapped else str(mapped or parsed)
    return salted_hmac("chat.came_from", seen, algorithm="sha256").hexdigest()


assert limits.NAME_LENGTH <= 60
