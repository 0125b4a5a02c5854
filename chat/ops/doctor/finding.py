"""What the doctor has to say of one thing."""

from enum import StrEnum
from typing import NamedTuple


class Grade(StrEnum):
    FINE = "ok"
    NOTE = "note"
    WRONG = "WRONG"


class Finding(NamedTuple):
    about: str
    grade: Grade
    seen: str
    advice: str = ""  # what to do, where there is something to do


def fine(about: str, seen: str) -> Finding:
    return Finding(about, Grade.FINE, seen)


def note(about: str, seen: str, advice: str) -> Finding:
    return Finding(about, Grade.NOTE, seen, advice)


def wrong(about: str, seen: str, advice: str) -> Finding:
    return Finding(about, Grade.WRONG, seen, advice)


def first_line(error: BaseException) -> str:
    said = str(error).strip().splitlines()
    return said[0].rstrip(".") if said else type(error).__name__
