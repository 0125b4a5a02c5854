"""A backup holds all there is; a restore brings it back, or says in a sentence why not and changes nothing."""

import gzip
import io
import stat
import subprocess
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import msgspec
import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.migrations import Migration, operations
from django.db.migrations.loader import MigrationLoader

from chat.actions import accounts, epochs, rooms
from chat.actions.backups import archive, restoring, saving, tables
from chat.actions.backups.archive import Manifest, Unusable
from chat.models import AuditEntry, Epoch, Message, Room, Session, Tries, User
from chat.queries.rooms import epoch_key
from tests.cast import Cast, delete, edit, say
from tests.integration.queries.test_people import logged_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.VAR_DIR = tmp_path
    return tmp_path


@pytest.fixture
def file(cast: Cast, folder: Path) -> Path:
    """A backup of a chat in which something was said."""
    numbers = say(cast.lobby, cast.ana, "one", "*two*", "聊天 👩‍👩‍👧")
    edit(cast.lobby, cast.ana, numbers[0], "once")
    delete(cast.lobby, cast.ana, numbers[1])
    logged_in(cast.ana)
    cast.ana.user_permissions.add(Permission.objects.get(codename="change_room"))
    (folder / "uploads" / "ab").mkdir(parents=True)
    (folder / "uploads" / "ab" / "cd").write_bytes(bytes(range(256)) * 10_000)
    call_command("backup", str(folder / "backup"), stderr=io.StringIO())
    return folder / "backup"


def everything() -> dict[str, list[tuple[Any, ...]]]:
    return {
        table.name: list(
            table.model._base_manager.order_by("pk").values_list(*(one.attname for one in table.fields.values()))
        )
        for table in tables.every()
    }


def restore(file: Path, *words: str) -> str:
    said = io.StringIO()
    call_command("restore", str(file), *words, stdout=said)
    return said.getvalue()


def change_a_lot(cast: Cast) -> None:
    say(cast.lobby, cast.bo, "later")
    say(rooms.enter(cast.bo, "later").room, cast.bo, "in a room of later")
    accounts.rename(cast.ana, "Anna")
    User.objects.create_user("Later")
    Session.objects.all().delete()


def test_all_rows_are_as_they_were(cast: Cast, file: Path) -> None:
    before, epoch = everything(), epoch_key()
    assert all(before[model._meta.db_table] for model in (Room, Message, AuditEntry, Session))
    change_a_lot(cast)
    assert everything() != before

    assert restore(file).startswith("Restored 1 files and ")

    assert everything() == before
    assert epoch_key() != epoch


def test_a_table_of_every_model_is_in_it_and_behind_those_that_it_refers_to() -> None:
    every = tables.every()
    models = [table.model for table in every]

    with connection.cursor() as cursor:
        there = {name for name in connection.introspection.table_names(cursor) if not name.startswith("sqlite_")}
    left_alone = {model._meta.db_table for model in tables.LEFT_ALONE}
    assert {table.name for table in every} == there - left_alone - {"django_migrations"}
    for place, model in enumerate(models):
        others = {field.related_model for field in model._meta.local_concrete_fields if field.is_relation} - {model}
        assert others <= set(models[:place])


def test_what_is_not_restored_stays_as_it_is(cast: Cast, file: Path) -> None:
    Tries.objects.create(key="guessed", all_back_at=datetime.now(UTC))
    epochs = list(Epoch.objects.order_by("pk").values_list("key", flat=True))

    restore(file)

    assert Tries.objects.get().key == "guessed"
    assert list(Epoch.objects.order_by("pk").values_list("key", flat=True))[:-1] == epochs


def test_keys_that_were_given_are_not_given_again(cast: Cast, file: Path) -> None:
    later = User.objects.create_user("Later")
    message = say(cast.lobby, cast.bo, "later")
    last = Message.objects.latest("pk").pk

    restore(file)

    assert User.objects.create_user("Even Later").pk > later.pk
    assert say(cast.lobby, cast.bo, "even later") == message, "numbers of a room do go back"
    assert Message.objects.latest("pk").pk > last


def test_the_audit_log_is_guarded_again(cast: Cast, file: Path) -> None:
    restore(file)

    statements = ["UPDATE chat_auditentry SET detail = 'other'"]
    if connection.vendor == "postgresql":  # on SQLite the tests take this guard away (tests/conftest.py)
        statements.append("DELETE FROM chat_auditentry")
    for statement in statements:
        with (
            pytest.raises(DatabaseError, match="the audit log is not changed"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_sessions_can_be_left_out(cast: Cast, file: Path) -> None:
    restore(file, "--end-sessions")

    assert not Session.objects.exists()
    assert User.objects.filter(pk=cast.ana.pk).exists()


def test_uploads_come_back_and_others_stay(cast: Cast, file: Path, folder: Path) -> None:
    lost, later = folder / "uploads" / "ab" / "cd", folder / "uploads" / "later"
    content = lost.read_bytes()
    lost.unlink()
    later.write_bytes(b"later")

    restore(file)

    assert lost.read_bytes() == content
    assert {path.name for path in (folder / "uploads").rglob("*") if path.is_file()} == {"cd", "later"}


def test_others_read_on_until_it_is_through_and_nobody_writes_between(
    cast: Cast, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Held up right before its end: a reader sees all as it was before, one who writes has to wait."""
    say(cast.lobby, cast.bo, "later")
    before = Message.objects.count()
    seen: list[int] = []
    refused: list[type[Exception]] = []

    def look_and_write() -> None:
        try:
            seen.append(Message.objects.count())
            with connection.cursor() as cursor:
                cursor.execute(IMPATIENT[connection.vendor])
            User.objects.create_user("Meanwhile")
        except DatabaseError as error:
            refused.append(type(error))
        finally:
            connection.close()

    def begin() -> str:
        other = Thread(target=look_and_write)
        other.start()
        other.join()
        return begin_epoch()

    begin_epoch = epochs.begin
    monkeypatch.setattr(epochs, "begin", begin)
    restore(file)

    assert seen == [before]
    assert refused == [OperationalError]
    assert Message.objects.count() == before - 1


IMPATIENT = {"postgresql": "SET lock_timeout = 100", "sqlite": "PRAGMA busy_timeout = 100"}

# The file


def test_only_its_owner_reads_it(file: Path) -> None:
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_backup_that_fails_leaves_what_was_there(
    cast: Cast, file: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = file.read_bytes()

    def break_off(_: object) -> Iterator[Any]:
        yield b"[1]\n", 1
        raise OSError("the disk is full")

    monkeypatch.setattr(saving, "_parts", break_off)
    with pytest.raises(CommandError, match=r"^There is no backup: the disk is full\.$"):
        call_command("backup", str(file))

    assert file.read_bytes() == before
    assert sorted(path.name for path in folder.iterdir()) == ["backup", "uploads"]


def test_any_tar_reads_it_and_its_sums(file: Path, tmp_path: Path) -> None:
    unpacked = tmp_path / "unpacked"
    unpacked.mkdir()

    subprocess.run(["tar", "-xzf", file, "-C", unpacked], check=True)
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=unpacked, check=True)

    assert (unpacked / "rows" / "chat_message" / "000000.jsonl").read_text().count("\n") == 3


def test_it_goes_through_pipes(cast: Cast, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Pipe(io.RawIOBase):
        def __init__(self, content: bytes = b"") -> None:
            self.content = io.BytesIO(content)

        def read(self, size: int = -1) -> bytes:
            return self.content.read(size)

        def write(self, some: Any) -> int:
            return self.content.write(some)

    out = Pipe()
    monkeypatch.setattr("sys.stdout", type("Out", (), {"buffer": out}))
    call_command("backup", "-", stderr=io.StringIO())
    before = everything()
    change_a_lot(cast)

    monkeypatch.setattr("sys.stdin", type("In", (), {"buffer": Pipe(out.content.getvalue())}))
    assert restore(Path("-")).startswith("Restored 0 files")
    assert everything() == before


# What cannot be restored


def packed(*parts: tuple[str, bytes], manifest: Manifest | None = None, complete: bool = True) -> bytes:
    out = io.BytesIO()
    writer = archive.Writer(out, manifest or manifest_of_now())
    for name, content in parts:
        writer.add(name, content)
    if complete:
        writer.close()
    else:
        writer._tar.close()
        writer._gzip.close()
    return out.getvalue()


def manifest_of_now(*more: tuple[str, str], less: str = "") -> Manifest:
    now = saving._manifest(tables.every())
    return msgspec.structs.replace(now, migrations=[*(one for one in now.migrations if one[1] != less), *more])


def columns_of(table: str, *columns: str) -> Manifest:
    return msgspec.structs.replace(manifest_of_now(), columns={table: list(columns)})


def flipped(content: bytes) -> bytes:
    """One bit of the rows is another, in a file that is otherwise what it says."""
    plain = bytearray(gzip.decompress(content))
    place = plain.index(b'"lobby"')
    plain[place + 1] ^= 1
    return gzip.compress(bytes(plain))


def foreign_tar() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        tar.addfile(tarfile.TarInfo("manifest.json"), io.BytesIO())
    return out.getvalue()


BROKEN: dict[str, tuple[Any, str]] = {
    "empty": (lambda good: b"", "This is no backup of a chat"),
    "text": (lambda good: b"hello", "This is no backup of a chat"),
    "another gzip": (lambda good: gzip.compress(b"hello" * 1000), "This is no backup of a chat"),
    "another tar": (lambda good: foreign_tar(), "This is no backup of a chat"),
    "cut off": (lambda good: good[: len(good) // 2], "damaged or not complete"),
    "cut off at its end": (lambda good: good[:-9], "damaged or not complete"),
    "without its end": (lambda good: packed(complete=False), "its end is missing"),
    "one bit wrong": (flipped, "checksums do not fit"),
    "a byte wrong": (lambda good: good[:5000] + b"\x00\x01" + good[5002:], "damaged"),
    "a row that is none": (lambda good: packed(("rows/chat_room/0", b'["x"]\n')), "a row that is none of chat_room"),
    "a row that refers to nothing": (
        lambda good: packed(
            ("rows/chat_roomslug/0", b'["slug",77]\n'), manifest=columns_of("chat_roomslug", "slug", "room_id")
        ),
        "does not fit together",
    ),
    "an unknown table": (lambda good: packed(("rows/other/0", b"[]\n")), "unknown here"),
    "a path out of it": (lambda good: packed(("uploads/../../x", b"")), "no name of a part"),
    "an absolute path": (lambda good: packed(("/uploads/x", b"")), "no name of a part"),
    "newer rows": (
        lambda good: packed(manifest=manifest_of_now(("chat", "9999_future"))),
        "newer version of this chat, with chat.9999_future: update first",
    ),
    "newer format": (
        lambda good: packed(manifest=msgspec.structs.replace(manifest_of_now(), version=2)),
        "newer version of this chat",
    ),
    "older rows that were changed since": (
        lambda good: packed(manifest=manifest_of_now(less="0002_first_epoch")),
        "made before chat.0002_first_epoch",
    ),
}


@pytest.mark.parametrize("how", BROKEN)
def test_what_cannot_be_restored_is_refused_in_a_sentence(cast: Cast, file: Path, how: str) -> None:
    spoil, why = BROKEN[how]
    file.write_bytes(spoil(file.read_bytes()))
    before, epoch = everything(), epoch_key()

    with pytest.raises(CommandError, match=why) as refused:
        restore(file)

    assert str(refused.value).count("\n") == 0
    assert everything() == before
    assert epoch_key() == epoch


def test_a_file_that_is_not_there_is_a_sentence(db: None, folder: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        restore(folder / "none")


# Older ones


def test_an_older_backup_lacks_what_has_a_default(cast: Cast, folder: Path) -> None:
    """Columns that were added since are as for rows that were there when they were added."""
    now = manifest_of_now()
    columns = [name for name in now.columns["chat_room"] if name not in ("slow_seconds", "topic", "archived_at")]
    rows = [
        msgspec.json.encode([getattr(room, _attribute(name)) for name in columns])
        for room in Room.objects.filter(pk__in=[cast.lobby.pk, cast.archive.pk])
    ]
    older = msgspec.structs.replace(now, columns={"chat_room": columns})
    (folder / "older").write_bytes(packed(("rows/chat_room/0", b"\n".join(rows) + b"\n"), manifest=older))

    restore(folder / "older")

    assert set(Room.objects.values_list("slug", "slow_seconds", "topic", "archived_at")) == {
        ("lobby", 0, "", None),
        ("archive", 0, "", None),
    }
    assert not User.objects.exists()


def _attribute(column: str) -> str:
    return next(field.attname for field in Room._meta.local_concrete_fields if field.column == column)


@pytest.mark.parametrize(
    ("operation", "fits"),
    [
        (operations.AddField("room", "colour", None), True),
        (operations.CreateModel("Colour", []), True),
        (operations.RunPython(operations.RunPython.noop), False),
        (operations.RenameField("room", "slug", "name"), False),
    ],
    ids=lambda given: type(given).__name__,
)
def test_an_older_backup_is_refused_where_rows_were_changed_since(
    db: None, monkeypatch: pytest.MonkeyPatch, operation: Any, fits: bool
) -> None:
    class Later(MigrationLoader):
        """There is, and was applied, one more migration."""

        def build_graph(self) -> None:
            super().build_graph()
            migration = Migration("0099_later", "chat")
            migration.operations = [operation]
            self.disk_migrations["chat", "0099_later"] = self.applied_migrations["chat", "0099_later"] = migration

    older = io.BytesIO(packed())
    monkeypatch.setattr("chat.actions.backups.schema.MigrationLoader", Later)
    if fits:
        restoring.check(older)
    else:
        with pytest.raises(Unusable, match=r"made before chat\.0099_later"):
            restoring.check(older)


def test_a_database_that_was_not_migrated_is_told_so(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    class Later(MigrationLoader):
        def build_graph(self) -> None:
            super().build_graph()
            self.disk_migrations["chat", "0099_later"] = Migration("0099_later", "chat")

    older = io.BytesIO(packed())
    monkeypatch.setattr("chat.actions.backups.schema.MigrationLoader", Later)
    with pytest.raises(Unusable, match=r"lacks chat\.0099_later: run `manage.py migrate`"):
        restoring.check(older)
