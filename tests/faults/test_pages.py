"""Pages keep a few connections to the database, and get over the loss of them."""

from concurrent.futures import ThreadPoolExecutor

from tests.chaos.database import query
from tests.integration.server.browser import Browser
from tests.services import Stack

AT_ONCE = 60


def test_many_pages_at_once_take_few_connections(distributed_stack: Stack) -> None:
    server = distributed_stack.serve(CHAT_PAGE_THREADS="4", CHAT_READ_THREADS="2")
    with ThreadPoolExecutor(AT_ONCE) as visitors:
        pages = list(visitors.map(lambda _: Browser(server).room("lobby").status, range(2 * AT_ONCE)))

    assert set(pages) == {200}
    [(connections,)] = query(
        distributed_stack, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    )
    assert 1 < connections <= 4 + 2 + 1 + 1  # pages, readers, the writer, and who asks


def test_pages_are_answered_after_all_connections_were_cut(distributed_stack: Stack) -> None:
    server = distributed_stack.serve(CHAT_PAGE_THREADS="2")
    browser = Browser(server)
    assert [browser.room("lobby").status for _ in range(4)] == [200] * 4

    distributed_stack.postgres.disconnect_all()

    assert [browser.room("lobby").status for _ in range(4)] == [200] * 4
    assert "Traceback" not in server.log()
