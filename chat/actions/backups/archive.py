"""The file of a backup: a gzipped tar of parts, the manifest first, the checksums of all others last.

It knows neither database nor chat. README.md beside this tells the format.
"""

import gzip
import hashlib
import io
import re
import tarfile
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, Literal

import msgspec

from chat import limits

FORMAT = "chat backup"
VERSION = 1
ROWS, UPLOADS = "rows", "uploads"
_MANIFEST, _SUMS = "manifest.json", "SHA256SUMS"
_DAMAGED = (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, UnicodeError, msgspec.MsgspecError)


class Unusable(Exception):
    """This file cannot be restored; the text is one sentence that says why."""


class Manifest(msgspec.Struct, frozen=True):
    made_at: datetime
    migrations: list[tuple[str, str]]  # that were applied: app, name
    columns: dict[str, list[str]]  # of each table, in the order of its rows' values
    format: Literal["chat backup"] = "chat backup"
    version: int = VERSION


class Writer:
    """Writes parts one after another and never goes back, so that `out` may be a pipe."""

    def __init__(self, out: IO[bytes], manifest: Manifest) -> None:
        self._when = int(manifest.made_at.timestamp())
        # Level 1: a third larger than the default, and four times as fast.
        self._gzip = gzip.GzipFile(filename="", fileobj=out, mode="wb", compresslevel=1, mtime=self._when)
        self._tar = tarfile.TarFile(fileobj=self._gzip, mode="w", format=tarfile.PAX_FORMAT)
        self._sums: list[str] = []
        self.add(_MANIFEST, msgspec.json.encode(manifest))

    def add(self, name: str, content: bytes) -> None:
        self.add_file(name, io.BytesIO(content), len(content))

    def add_file(self, name: str, file: IO[bytes], size: int) -> None:
        """Raises OSError for a file that is shorter than `size`."""
        hashed = _Hashed(file)
        self._add(name, hashed, size)
        self._sums.append(f"{hashed.sum}  {name}\n")

    def close(self) -> None:
        """Without it the file is not complete, and restoring refuses it."""
        sums = "".join(self._sums).encode()
        self._add(_SUMS, io.BytesIO(sums), len(sums))
        self._tar.close()
        self._gzip.close()

    def _add(self, name: str, file: IO[bytes] | "_Hashed", size: int) -> None:
        info = tarfile.TarInfo(name)
        info.size, info.mtime, info.mode = size, self._when, 0o600
        self._tar.addfile(info, file)
        self._tar.members = []  # type: ignore[attr-defined]  # those of a long file would fill the memory


class Reader:
    """Reads what `Writer` wrote. Raises Unusable, as soon as it is seen, for what it did not."""

    def __init__(self, file: IO[bytes]) -> None:
        try:
            self._gzip = gzip.GzipFile(fileobj=file, mode="rb")
            self._tar = tarfile.TarFile.open(fileobj=self._gzip, mode="r|")
            first = self._tar.next()
            if first is None or first.name != _MANIFEST:
                raise Unusable("This is no backup of a chat.")
            content = read_all(self._open(first))
        except _DAMAGED:
            raise Unusable("This is no backup of a chat.") from None
        self.manifest = _manifest(content)
        self._sums = {_MANIFEST: hashlib.sha256(content).hexdigest()}

    def parts(self) -> Iterator[tuple[PurePosixPath, IO[bytes]]]:
        """Name and content of each part behind the manifest.

        Nothing of it may be relied upon before the iteration has ended: only then the sums have been compared.
        """
        try:
            while (info := self._tar.next()) is not None:
                self._tar.members = []  # type: ignore[attr-defined]  # those of a long file would fill the memory
                if info.name == _SUMS:
                    self._compare(self._open(info).read().decode())
                    while self._gzip.read(1 << 20):  # gzip's own sum comes last of all
                        pass
                    return
                file = _Hashed(self._open(info))
                yield _safe(info.name), file  # type: ignore[misc]  # it can be read, and that is all one may do
                while file.read(1 << 20):
                    pass
                self._sums[info.name] = file.sum
        except _DAMAGED as error:
            raise Unusable(f"The backup is damaged or not complete ({error}).") from None
        raise Unusable("The backup is not complete: its end is missing.")

    def _compare(self, sums: str) -> None:
        listed = {name: digest for digest, name in (line.split("  ", 1) for line in sums.splitlines())}
        if listed != self._sums:
            raise Unusable("The backup is damaged: its checksums do not fit its content.")

    def _open(self, info: tarfile.TarInfo) -> IO[bytes]:
        file = self._tar.extractfile(info) if info.isfile() else None
        if file is None:
            raise Unusable(f"The backup holds {info.name!r}, which is no file.")
        return file


def read_all(file: IO[bytes]) -> bytes:
    """The content of a part that fits into memory."""
    content = file.read(limits.BACKUP_PART_BYTES + 1)
    if len(content) > limits.BACKUP_PART_BYTES:
        raise Unusable(f"The backup has a part of more than {limits.BACKUP_PART_BYTES} bytes (CHAT_BACKUP_PART_BYTES).")
    return content


def copy(file: IO[bytes], to: Path) -> None:
    """A part of any size, into a file."""
    with to.open("wb") as copied:
        while some := file.read(1 << 20):
            copied.write(some)


class _Hashed:
    """A file that is summed up while it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._hash = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        some = self._file.read(size)
        self._hash.update(some)
        return some

    @property
    def sum(self) -> str:
        return self._hash.hexdigest()


def _manifest(content: bytes) -> Manifest:
    try:
        version = msgspec.json.decode(content, type=_Version).version
        if version > VERSION:
            raise Unusable(
                f"The backup is of a newer version of this chat (format {version}, known are 1 to {VERSION})."
            )
        return msgspec.json.decode(content, type=Manifest)
    except msgspec.MsgspecError:
        raise Unusable("This is no backup of a chat.") from None


class _Version(msgspec.Struct):
    format: Literal["chat backup"]
    version: int


def _safe(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or len(path.parts) < 2 or re.search(r"[\x00\\]", name):
        raise Unusable(f"The backup has a part called {name!r}, which is no name of a part.")
    return path
