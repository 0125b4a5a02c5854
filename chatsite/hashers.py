"""How passwords are hashed: Argon2id, with as much memory as a small server can give to several at once."""

from threading import BoundedSemaphore

from django.contrib.auth.hashers import Argon2PasswordHasher

from chat import limits

_at_once = BoundedSemaphore(limits.PASSWORDS_AT_ONCE)


class Argon2(Argon2PasswordHasher):
    """The parameters are OWASP's: 19 MiB, two passes, one lane. A flood of log-ins waits instead of taking all memory.

    https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
    """

    time_cost = 2
    memory_cost = 19_456  # KiB
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        with _at_once:
            return str(super().encode(password, salt))

    def verify(self, password: str, encoded: str) -> bool:
        with _at_once:
            return bool(super().verify(password, encoded))
