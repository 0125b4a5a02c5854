"""What is older than the site keeps it is gone for good; nothing else is, and the log that is left is a log."""

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F
from django.utils import timezone

from chat import limits, policy
from chat.actions import messages, moderation, pruning
from chat.actions.messages import Edit
from chat.models import AuditEntry, Mention, Message, MessageVersion, Reaction, Report, Room
from chat.queries import log
from chat.text import ids
from chat.wire.codes import ChatError, Code
from tests.cast import Cast, delete, edit, post, say

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)


def prune(*words: str) -> dict[str, int]:
    said = io.StringIO()
    call_command("prune", *words, stdout=said)
    return {line.split(": ")[0]: int(line.split(": ")[1]) for line in said.getvalue().splitlines()}


def age(room: Room, upto: int, days: float) -> None:
    Message.objects.filter(room=room, number__lte=upto).update(created_at=F("created_at") - days * DAY)


@pytest.fixture
def old(cast: Cast) -> Cast:
    """In the lobby 1 to 4 were said ten days ago (2 was edited, 3 deleted), 7 and 8 just now; all else is new."""
    say(cast.lobby, cast.ana, "one", "two", "three", "four")
    edit(cast.lobby, cast.ana, 2, "second")
    delete(cast.lobby, cast.ana, 3)
    say(cast.lobby, cast.bo, "seven", "eight")
    edit(cast.lobby, cast.bo, 8, "eighth")
    say(cast.kitchen, cast.ana, "new")
    age(cast.lobby, 4, 10)
    return cast


def numbers(room: Room) -> list[int]:
    return list(Message.objects.filter(room=room).order_by("number").values_list("number", flat=True))


def test_what_is_too_old_is_gone_with_all_that_hangs_on_it(old: Cast) -> None:
    assert set(MessageVersion.objects.values_list("number", flat=True)) == {2, 8}

    counts = prune("--days", "9")

    assert (counts["messages"], counts["message versions"], counts["reports"]) == (4, 1, 0)
    assert numbers(old.lobby) == [7, 8]
    assert numbers(old.kitchen) == [1]
    assert set(MessageVersion.objects.values_list("number", flat=True)) == {8}


def test_every_model_that_is_about_a_message_is_pruned_or_known_not_to_be() -> None:
    assert {MessageVersion, Mention, Reaction} <= set(pruning.hanging_on_messages())
    kept = {Report, AuditEntry}  # the words that were judged; what was done, without any words
    assert not kept & set(pruning.hanging_on_messages())
    for model in pruning.hanging_on_messages():
        assert not list(model._meta.related_objects), f"{model}: what hangs on it would stay"
    assert not Message._meta.related_objects, "what refers to a message by its key would be left or go with it"


def test_nothing_happens_unless_the_site_says_so(old: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    assert limits.RETENTION_DAYS == 0
    with pytest.raises(CommandError, match=r"^This site keeps everything"):
        prune()
    for days in ("0", "-1", "99999999999"):
        with pytest.raises(CommandError):
            prune("--days", days)
    assert len(numbers(old.lobby)) == 6


def test_counting_removes_nothing_and_says_what_would_go(old: Cast) -> None:
    assert prune("--days", "9", "--dry-run") == {"messages": 4, "reports": 0}

    assert len(numbers(old.lobby)) == 6


def test_it_goes_by_small_batches_with_rests_between(old: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PRUNED_MESSAGES", 3)
    rests: list[float] = []

    pruning.prune(timezone.now() - 9 * DAY, rests.append)

    assert len(rests) == 2
    assert numbers(old.lobby) == [7, 8]


def test_clocks_that_disagree_keep_nothing_that_is_new(cast: Cast) -> None:
    say(cast.lobby, cast.ana, "one", "two", "three")
    age(cast.lobby, 3, 10)
    Message.objects.filter(number=2).update(created_at=timezone.now())

    prune("--days", "9")

    assert numbers(cast.lobby) == [2]


def test_words_of_a_report_go_when_it_was_handled_long_ago(old: Cast) -> None:
    [seven, eight] = numbers(old.lobby)[-2:]
    for number in (seven, eight):
        moderation.report(old.ana, old.lobby.pk, number, "rude")
    moderation.handle(old.sara, Report.objects.get(number=seven).pk, "dismissed", "")
    Report.objects.update(made_at=F("made_at") - 10 * DAY, handled_at=F("handled_at") - 10 * DAY)

    assert prune("--days", "9")["reports"] == 1

    assert Report.objects.get().number == eight


# The log


def test_the_log_that_is_left_begins_later_and_nothing_else(old: Cast) -> None:
    everybody = policy.EVERYTHING
    seq = log.newest(everybody, old.lobby.pk, 50).seq
    held = log.changed_since(everybody, old.lobby.pk, 6, 50)

    prune("--days", "9")

    page = log.newest(everybody, old.lobby.pk, 50)
    assert ([message.id for message in page.messages], page.seq, page.more) == ([7, 8], seq, False)
    assert log.changed_since(everybody, old.lobby.pk, 6, 50) == held, "who was here before catches up as ever"
    assert [message.id for message in log.changed_since(everybody, old.lobby.pk, 0, 50).messages] == [7, 8]
    around, more = log.around(everybody, old.lobby.pk, 2, 50)
    assert [message.id for message in around.messages] == [7, 8], "a permalink leads to the neighbours"
    assert not more.before
    assert say(old.lobby, old.ana, "next") == [seq + 1]


def test_one_that_is_gone_cannot_be_changed(old: Cast) -> None:
    prune("--days", "9")

    [outcome] = messages.commit([Edit(old.lobby.pk, old.ana.pk, 2, "again")])

    assert isinstance(outcome, ChatError)
    assert outcome.code is Code.NOT_FOUND


def test_a_repeat_of_one_that_is_gone_is_said_anew(cast: Cast) -> None:
    """A client_id is one message for as long as that is kept."""
    once = ids.uuid7()
    messages.commit([post(cast.lobby, cast.ana, "one", once)])
    age(cast.lobby, 1, 10)
    prune("--days", "9")

    messages.commit([post(cast.lobby, cast.ana, "one", once)])

    assert numbers(cast.lobby) == [2]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="a matter of SQLite's file")
def test_nothing_of_the_words_is_left_in_the_file(cast: Cast) -> None:
    words = "nobody shall find these words " * 200
    say(cast.lobby, cast.ana, *[words] * 20)
    age(cast.lobby, 20, 10)

    prune("--days", "9")

    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.execute("PRAGMA database_list")
        path = cursor.fetchone()[2]
    with open(path, "rb") as file:  # noqa: PTH123
        assert b"nobody shall find" not in file.read()
