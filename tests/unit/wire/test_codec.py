"""Whatever frame comes in: a command, or a ChatError whose answer is a valid frame."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chat import limits
from chat.wire import codec, commands, events
from chat.wire.codec import Dialect
from chat.wire.codes import TEMPORARY, ChatError, Code
from tests.client import read_plain, read_rich

UUID = "01890a5d-ac96-774b-bcce-b302099a8057"
BOTH = pytest.mark.parametrize("dialect", list(Dialect))
FIELDS = [
    "type",
    "message",
    "client_id",
    "ref",
    "id",
    "since",
    "epoch",
    "key",
    "before",
    "limit",
    "state",
    "emoji",
    "op",
    "reply_to",
    "zzz",
]
TYPES = ["hello", "send", "edit", "delete", "react", "history", "presence", "message", "sync", ""]

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from([*TYPES, "idle", UUID]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS) | st.text(), inner, max_size=5),
    max_leaves=10,
)
objects = st.dictionaries(st.sampled_from(FIELDS), anything, max_size=8)
frames = (
    st.text(st.characters(codec="utf-8"), max_size=200)
    | st.binary(max_size=200).map(lambda raw: raw.decode("utf-8", "surrogateescape"))
    | (anything | objects).map(json.dumps)
    | (anything | objects).map(lambda value: json.dumps(value, ensure_ascii=False))
)


def refusal(dialect: Dialect, frame: str) -> ChatError:
    with pytest.raises(ChatError) as caught:
        codec.decode(dialect, frame)
    return caught.value


def decoded(dialect: Dialect, frame: str) -> commands.RichCommand | commands.PlainSend | ChatError:
    try:
        return codec.decode(dialect, frame)
    except ChatError as refused:
        return refused


def send(**changes: Any) -> str:
    """A good `send`, with changes; None leaves a field out."""
    fields = {"type": "send", "client_id": UUID, "message": "hi"} | changes
    return json.dumps({name: value for name, value in fields.items() if value is not None})


@BOTH
@given(frame=frames)
@example(frame='{"message":"\\ud800"}')
@example(frame="\ud800")
@example(frame="\x00")
def test_any_text_is_a_command_or_a_refusal_that_can_be_told(dialect: Dialect, frame: str) -> None:
    found = decoded(dialect, frame)

    if isinstance(found, ChatError):
        assert found.code is Code.BAD_REQUEST or (dialect is Dialect.RICH and found.code is Code.UNKNOWN_TYPE)
        assert_tellable(dialect, found, frame)
    else:
        assert isinstance(found, commands.Command | commands.PlainSend)


def assert_tellable(dialect: Dialect, refused: ChatError, frame: str) -> None:
    """The answer is a frame of the dialect: UTF-8, JSON, of the known shape, and not larger than it has to be."""
    answer = codec.error(dialect, refused, **codec.marks(frame))
    answer.encode()
    event = read_plain(answer) if dialect is Dialect.PLAIN else read_rich(answer)
    assert isinstance(event, events.Error)
    assert event.code in list(Code)
    assert event.message
    assert len(event.message) < 300
    if dialect is Dialect.PLAIN:
        assert set(json.loads(answer)) == {"type", "code", "message"}
    else:
        assert event.temporary is (event.code in TEMPORARY)


@BOTH
@given(raw=st.binary(max_size=300))
def test_bytes_that_are_text_are_decoded_like_any_text(dialect: Dialect, raw: bytes) -> None:
    try:
        frame = raw.decode()
    except UnicodeDecodeError:
        return  # the server closes 1007 before we see it
    found = decoded(dialect, frame)
    if isinstance(found, ChatError):
        assert_tellable(dialect, found, frame)


@BOTH
@pytest.mark.parametrize(
    "frame",
    [
        "",
        " ",
        "hi",
        "{",
        '{"message":}',
        '{"message":"hi"} trailing',
        "null",
        "true",
        "7",
        '"hi"',
        "[]",
        '["message"]',
        "NaN",
        "{}",
        '{"message":7}',
        '{"message":null}',
        '{"message":["hi"]}',
        '{"message":{}}',
        '{"message":"\\ud83d"}',  # half of a pair
        '{"message":"\\udc00\\ud800"}',
        '{"message":"a\x00b"}',  # not escaped: not JSON
        '{"message":NaN}',
        '{"message":' + "9" * 5000 + "}",
        '{"message":1e999999}',
        '{"message":' + "[" * 10_000 + "]" * 10_000 + "}",
        "[" * 10_000 + "]" * 10_000,
        '{"message":' * 10_000 + "1" + "}" * 10_000,
        "\ufeff{}",
    ],
    ids=lambda frame: repr(frame[:24]),
)
def test_what_is_no_command_is_a_bad_request(dialect: Dialect, frame: str) -> None:
    refused = refusal(dialect, frame)

    assert refused.code is Code.BAD_REQUEST
    assert not refused.temporary
    assert_tellable(dialect, refused, frame)


@pytest.mark.parametrize(
    "frame",
    [
        send(message=7),
        send(client_id=7),
        send(message=["hi"]),
        send(message="").replace('"message": ""', '"message": null'),
        '{"type":"send","message":"hi"}',
        f'{{"type":"send","client_id":"{UUID}"}}',
        send(colour="red"),
        send(client_id="x" * (limits.REF_LENGTH + 1)),
        '{"type":"hello","since":"1"}',
        '{"type":"hello","since":-1}',
        '{"type":"hello","since":1.5}',
        '{"type":"hello","since":true}',
        '{"type":"hello","since":9007199254740993}',
        '{"type":"hello","since":' + "9" * 5000 + "}",
        '{"type":"hello","epoch":1}',
        '{"type":"hello","key":[]}',
        '{"type":"hello","key":"' + "k" * 65 + '"}',
        '{"type":"history","before":3}',
        '{"type":"history","ref":"r","before":3,"limit":0}',
        '{"type":"history","ref":"r","before":3,"limit":101}',
        '{"type":"history","ref":"r","before":3,"limit":1e2000}',
        '{"type":"history","ref":"r","before":-1}',
        '{"type":"history","ref":"r","before":3,"sideways":1}',
        '{"type":"presence"}',
        '{"type":"presence","state":"asleep"}',
        '{"type":"presence","state":"idle","since":1}',
        '{"type":7}',
        '{"type":null}',
        '{"type":["send"]}',
        '{"message":"hi"}',  # the other dialect's
    ],
    ids=lambda frame: frame[:70],
)
def test_a_rich_frame_of_the_wrong_shape_is_a_bad_request(frame: str) -> None:
    assert refusal(Dialect.RICH, frame).code is Code.BAD_REQUEST


@pytest.mark.parametrize("kind", ["", "Send", "message", "sync", "unread", "\\u0000", "x" * 5000])
def test_a_type_that_is_none_is_told_as_such(kind: str) -> None:
    assert refusal(Dialect.RICH, f'{{"type":"{kind}"}}').code is Code.UNKNOWN_TYPE


def test_a_refusal_names_the_field_but_never_quotes_at_length() -> None:
    assert "colour" in refusal(Dialect.RICH, send(colour="red")).message
    assert len(refusal(Dialect.RICH, send(**{"x" * 100_000: 1})).message) < 250


def test_good_frames_are_understood() -> None:
    assert codec.decode(Dialect.RICH, send()) == commands.Send(UUID, "hi")
    assert codec.decode(Dialect.RICH, '{"type":"hello"}') == commands.Hello()
    assert codec.decode(Dialect.RICH, '{"type":"hello","since":3,"epoch":"e","key":"k","new":[1]}') == commands.Hello(
        3, "e", "k"
    )
    assert codec.decode(Dialect.RICH, '{"type":"history","ref":"r","around":3}') == commands.History("r", around=3)
    assert codec.decode(Dialect.RICH, '{"type":"presence","state":"idle"}') == commands.Presence("idle")
    assert codec.decode(Dialect.PLAIN, '{"message":"hi"}') == commands.PlainSend("hi")


def test_a_plain_frame_may_hold_what_it_likes_beside_its_message() -> None:
    assert codec.decode(Dialect.PLAIN, '{"type":"x","message":"hi","user":1}') == commands.PlainSend("hi")


@given(text=st.text(st.characters(codec="utf-8"), max_size=50))
def test_text_comes_in_exactly_as_it_was_typed(text: str) -> None:
    for escaped in (True, False):
        frame = json.dumps({"message": text}, ensure_ascii=escaped)
        assert codec.decode(Dialect.PLAIN, frame) == commands.PlainSend(text)


# Texts


@pytest.mark.parametrize(
    "text", ["hi", " hi ", "😀" * limits.MESSAGE_LENGTH, "a\nb", "\u202egnp.exe", "e\u0301", "👩\u200d🚀", "\u2800"]
)
def test_text_that_may_be_said_stays_as_it_came(text: str) -> None:
    assert codec.message_text(text) == text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", Code.EMPTY),
        (" ", Code.EMPTY),
        ("\n\t \u3000\u2003", Code.EMPTY),
        ("\u200b\u200d \u202e", Code.EMPTY),
        ("x" * (limits.MESSAGE_LENGTH + 1), Code.TOO_LONG),
        ("😀" * (limits.MESSAGE_LENGTH + 1), Code.TOO_LONG),
        (" " * (limits.MESSAGE_LENGTH + 1), Code.TOO_LONG),
        ("a\x00b", Code.BAD_REQUEST),
        ("\x00", Code.BAD_REQUEST),
    ],
    ids=lambda value: repr(value[:12]),
)
def test_text_that_may_not_be_said_is_refused_with_its_reason(text: str, code: Code) -> None:
    with pytest.raises(ChatError) as caught:
        codec.message_text(text)

    assert caught.value.code is code


def test_the_limit_counts_code_points() -> None:
    frame = json.dumps({"message": "😀" * 8000})

    assert len("😀" * 8000) == limits.MESSAGE_LENGTH
    assert codec.decode(Dialect.PLAIN, frame) == commands.PlainSend("😀" * 8000)


# Marks


@given(frame=frames)
def test_marks_can_be_sent_back_whatever_came(frame: str) -> None:
    for name, value in codec.marks(frame).items():
        assert name in ("client_id", "ref")
        value.encode()
        assert len(value) <= limits.REF_LENGTH


def test_a_refused_frame_is_answered_with_its_own_mark() -> None:
    assert codec.marks(send(colour="red")) == {"client_id": UUID}
    assert codec.marks('{"type":"history","ref":"r4","limit":0}') == {"ref": "r4"}
    assert codec.marks('{"type":"history","ref":7}') == {}
    assert codec.marks('{"ref":"' + "r" * 65 + '"}') == {}
    assert codec.marks("[" * 10_000) == {}
    answer = codec.error(Dialect.RICH, ChatError(Code.EMPTY, "Say something."), **codec.marks(send(message="")))
    assert json.loads(answer)["client_id"] == UUID


@pytest.mark.parametrize("spelling", [UUID, UUID.upper(), UUID.replace("-", "")])
def test_a_client_id_is_compared_as_a_uuid(spelling: str) -> None:
    assert str(codec.client_uuid(spelling)) == UUID


@pytest.mark.parametrize("spelling", ["", "1", "x" * 36, UUID[:-1], f"{{{UUID}}}", UUID + "\n", f" {UUID}"])
def test_a_client_id_that_is_no_uuid_is_a_bad_request(spelling: str) -> None:
    with pytest.raises(ChatError) as caught:
        codec.client_uuid(spelling)

    assert caught.value.code is Code.BAD_REQUEST


# Answers


def test_an_error_says_when_to_come_back_only_where_it_helps() -> None:
    told = json.loads(codec.error(Dialect.RICH, ChatError(Code.RATE_LIMITED, "Wait.", retry_after=2.3999), ref="r"))

    assert told == {
        "type": "error", "code": "rate_limited", "message": "Wait.", "temporary": True, "retry_after": 2.4, "ref": "r"
    }  # fmt: skip
    assert "retry_after" not in json.loads(codec.error(Dialect.RICH, ChatError(Code.EMPTY, "Say something.")))


def message(**changes: Any) -> events.Message:
    fields = {
        "id": 7, "seq": 7, "user": events.UserRef(1, "Ana"), "message": "hi", "html": "<p>hi</p>",
        "ts": "2026-11-20T10:00:00.123Z", "client_id": UUID,
    }  # fmt: skip
    return events.Message(**(fields | changes))


def test_the_plain_dialect_hears_of_new_messages_only() -> None:
    assert json.loads(codec.plain_frame(codec.change(message())) or "") == {
        "message": "hi", "user": "Ana", "id": 7, "ts": "2026-11-20T10:00:00.123Z"
    }  # fmt: skip
    assert codec.plain_frame(codec.change(message(seq=8, edited="2026-11-20T10:00:01.000Z"))) is None
    assert codec.plain_frame(codec.change(message(deleted=True))) is None


def test_a_message_encoded_ahead_is_the_same_inside_a_frame() -> None:
    assert codec.encode(events.Sync([codec.raw(message())], 7, True, False)) == codec.encode(
        events.Sync([message()], 7, True, False)
    )


@pytest.mark.parametrize("code", list(Code))
def test_every_code_has_a_sentence_to_go_with_it(code: Code) -> None:
    error = ChatError(code, "One sentence.")

    assert_tellable(Dialect.RICH, error, "")
    assert error.temporary is (code in {"rate_limited", "unavailable", "internal"})
