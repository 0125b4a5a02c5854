"""What a message said before: kept for its author and those who moderate, until it is deleted."""

import pytest

from chat import limits
from chat.actions import messages
from chat.actions.messages import Delete, Edit
from chat.models import MessageVersion
from chat.policy import Denied, Viewer
from chat.queries import versions
from chat.wire.codes import Code
from tests.cast import Cast, delete, edit, post, say

pytestmark = pytest.mark.django_db(transaction=True)


def texts(viewer: Viewer, cast: Cast, number: int = 1) -> list[str]:
    return [version.text for version in versions.of_message(viewer, cast.den.pk, number).versions]


def refusal(viewer: Viewer, cast: Cast, number: int = 1) -> Code:
    with pytest.raises(Denied) as caught:
        texts(viewer, cast, number)
    return caught.value.code


def test_every_edit_keeps_what_was_there_before_and_when_it_was_written(cast: Cast) -> None:
    say(cast.den, cast.ana, "one")
    edit(cast.den, cast.ana, 1, "two")
    edit(cast.den, cast.ana, 1, "two")
    edit(cast.den, cast.ana, 1, "three")

    history = versions.of_message(cast.ana, cast.den.pk, 1)

    assert [(version.text, version.seq) for version in history.versions] == [("two", 2), ("one", 1)]
    assert history.message.text == "three"
    assert history.versions[1].written_at == history.message.created_at < history.versions[0].written_at


def test_they_are_for_the_author_and_those_who_moderate(cast: Cast) -> None:
    say(cast.den, cast.ana, "one")
    edit(cast.den, cast.ana, 1, "two")

    for allowed in (cast.ana, cast.mia, cast.olga):
        assert texts(allowed, cast) == ["one"]
    assert refusal(cast.visitor, cast) is Code.FORBIDDEN
    for stranger in (cast.bo, cast.sara, cast.zoe, None):
        assert refusal(stranger, cast) is Code.NOT_FOUND
    assert refusal(cast.ana, cast, 99) is Code.NOT_FOUND


def test_a_deletion_takes_them_with_it(cast: Cast) -> None:
    say(cast.den, cast.ana, "one", "other")
    edit(cast.den, cast.ana, 1, "two")
    edit(cast.den, cast.ana, 2, "other two")
    delete(cast.den, cast.ana, 1)

    assert refusal(cast.mia, cast) is Code.NOT_FOUND
    assert [version.text for version in MessageVersion.objects.all()] == ["other"]


def test_within_one_commit_they_are_kept_and_taken_all_the_same(cast: Cast) -> None:
    key, ana = cast.den.pk, cast.ana.pk
    messages.commit([post(cast.den, cast.ana, "one"), Edit(key, ana, 1, "two"), Edit(key, ana, 1, "three")])
    assert texts(cast.ana, cast) == ["two", "one"]

    messages.commit([Edit(key, ana, 1, "four"), Delete(key, ana, 1)])
    assert not MessageVersion.objects.exists()


def test_of_many_the_newest_are_kept(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MESSAGE_VERSIONS", 3)
    say(cast.den, cast.ana, "0", "other")
    edit(cast.den, cast.ana, 2, "edited")
    for number in range(1, 7):
        edit(cast.den, cast.ana, 1, str(number))

    assert texts(cast.ana, cast) == ["5", "4", "3"]
    assert texts(cast.ana, cast, 2) == ["other"]
