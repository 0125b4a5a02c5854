"""Pages keep a few connections to the database, and get over the loss of them."""

import json
from concurrent.futures import ThreadPoolExecutor

from tests.chaos.database import query, sqlite_lock
from tests.integration.server.browser import Browser
from tests.services import Stack

AT_ONCE = 60


def test_many_pages_at_once_take_few_connections(distributed_stack: Stack) -> None:
    server = distributed_stack.serve(CHAT_PAGE_THREADS="4", CHAT_READ_THREADS="2")
    with ThreadPoolExecutor(AT_ONCE) as visitors:
        pages = list(visitors.map(lambda _: Browser(server).room("lobby").status, range(2 * AT_ONCE)))

    assert set(pages) == {200}
    clients = "datname = current_database() AND backend_type = 'client backend'"  # autovacuum comes when it likes
    [(connections,)] = query(distributed_stack, f"SELECT count(*) FROM pg_stat_activity WHERE {clients}")  # noqa: S608
    assert 1 < connections <= 4 + 2 + 1 + 1  # pages, readers, the writer, and who asks


def test_pages_are_answered_after_all_connections_were_cut(distributed_stack: Stack) -> None:
    server = distributed_stack.serve(CHAT_PAGE_THREADS="2")
    browser = Browser(server)
    assert [browser.room("lobby").status for _ in range(4)] == [200] * 4

    distributed_stack.postgres.disconnect_all()

    assert [browser.room("lobby").status for _ in range(4)] == [200] * 4
    assert "Traceback" not in server.log()


def test_a_page_without_database_is_a_calm_503_and_one_line_in_the_log(distributed_stack: Stack) -> None:
    server = distributed_stack.serve()
    browser = Browser(server)
    assert browser.room("lobby").status == 200

    distributed_stack.postgres.kill()
    page, answer = browser.room("lobby"), browser.get("/chat/lobby/", Accept="application/json")
    distributed_stack.postgres.start()

    assert (page.status, page.headers["retry-after"], page.headers["cache-control"]) == (503, "5", "no-store")
    assert "try again in a minute" in page.text
    assert (answer.status, json.loads(answer.text)["code"]) == (503, "unavailable")
    assert server.log().count("the database was away for GET /chat/lobby/") == 2
    assert "Traceback" not in server.log()
    assert browser.room("lobby").status == 200


def test_a_page_of_a_locked_database_is_a_503_too(embedded_stack: Stack) -> None:
    server = embedded_stack.serve()
    browser = Browser(server)
    assert browser.room("lobby").status == 200

    with sqlite_lock(embedded_stack):
        answer = browser.post("/me/name/", {"name": "Ana"})

    assert answer.status == 503
    assert "database is locked" in server.log()
    assert "Traceback" not in server.log()


def test_a_table_that_is_missing_is_a_mistake_and_told_at_length(embedded_stack: Stack) -> None:
    server = embedded_stack.serve()
    query(embedded_stack, "ALTER TABLE chat_room RENAME TO elsewhere")

    assert Browser(server).room("lobby").status == 500
    assert "no such table" in server.log()
    assert "Traceback" in server.log()
