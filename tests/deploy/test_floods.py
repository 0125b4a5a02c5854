"""One address floods nginx and the chat behind it: it is bounded, and visitors from elsewhere are served meanwhile."""

from tests.deploy.floods import answers, drip, handshake, lines, page
from tests.services import Nginx


def test_who_says_nothing_or_sends_headers_slowly_is_cut_and_nobody_waits_for_that(nginx: Nginx, room: str) -> None:
    first = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
    with lines(nginx, 500, first) as slow, lines(nginx, 500, b"") as silent:
        assert drip(slow, b"x") == 500
        assert page(nginx, room)[0] == 200
        told = answers([*slow, *silent])  # 408, or an end without a word

    assert set(told) <= {"408", "closed"}
    assert told.total() == 1_000


def test_who_sends_bodies_slowly_gets_so_many_and_is_cut(nginx: Nginx, room: str, source: str) -> None:
    first = b"POST /me/name/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\n"
    with lines(nginx, 200, first, source) as slow:
        assert page(nginx, room)[0] == 200
        told = answers(slow)

    assert told["429"] == 100
    assert told["408"] + told["closed"] == 100
    assert {words[6] for words in nginx.requests(source, count=200)} == {"-"}  # the chat heard of none


def test_who_opens_sockets_without_end_gets_so_many(nginx: Nginx, room: str) -> None:
    with lines(nginx, 1_200, handshake(room)) as sockets:
        assert page(nginx, room)[0] == 200
        told = answers(sockets)
        assert set(told) == {"101", "429"}
        assert told["101"] <= 1_000

        with lines(nginx, 1, handshake(room)):
            assert page(nginx, room)[0] == 200


def test_who_asks_without_end_is_answered_so_often(nginx: Nginx, room: str) -> None:
    asked = b"GET /me/name/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    with lines(nginx, 1_000, asked) as made:
        told = answers(made)
        assert set(told) == {"405", "429"}
        assert page(nginx, room)[0] == 200


def test_many_large_headers_cost_the_chat_nothing(nginx: Nginx, source: str) -> None:
    asked = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"X-Filler: " + b"x" * 8_000 + b"\r\n"
    with lines(nginx, 200, asked, source) as made:
        for line in made:
            line.sendall(b"Y: " + b"y" * 9_000 + b"\r\n\r\n")
        assert set(answers(made)) == {"400"}

    assert {(words[3], words[6]) for words in nginx.requests(source, count=200)} == {("400", "-")}
