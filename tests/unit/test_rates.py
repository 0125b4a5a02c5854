"""Token buckets let a burst through, then so many a second, and say how long to wait."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat import limits
from chat.rates import Bucket, Buckets, Count


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_burst_passes_then_one_has_to_wait(clock: Clock) -> None:
    bucket = Bucket(3, 2, clock)

    assert [bucket.take() for _ in range(5)] == [0, 0, 0, 0.5, 0.5]


def test_after_the_wait_that_was_told_there_is_a_token(clock: Clock) -> None:
    bucket = Bucket(1, 0.1, clock)
    bucket.take()
    clock.now += bucket.take()

    assert bucket.take() == 0
    assert bucket.take() == pytest.approx(10)


def test_a_long_rest_gives_one_burst_and_no_more(clock: Clock) -> None:
    bucket = Bucket(3, 2, clock)
    clock.now += 1000

    assert bucket.full
    assert [bool(bucket.take()) for _ in range(4)] == [False, False, False, True]
    assert not bucket.full


@given(
    burst=st.integers(1, 20),
    rate=st.floats(0.01, 100),
    pauses=st.lists(st.floats(0, 10), max_size=60),
)
def test_no_pace_gets_more_than_burst_and_rate_together(burst: int, rate: float, pauses: list[float]) -> None:
    clock = Clock()
    bucket = Bucket(burst, rate, clock)
    passed = 0
    for pause in pauses:
        clock.now += pause
        passed += bucket.take() == 0

    assert passed <= burst + clock.now * rate + 1e-6


def test_everything_passes_where_rates_are_off(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket = Bucket(1, 0.01, clock)
    monkeypatch.setattr(limits, "RATE_LIMITS", False)

    assert [bucket.take() for _ in range(100)] == [0] * 100


def test_each_person_has_a_bucket_of_their_own(clock: Clock) -> None:
    buckets = Buckets(1, 0.01, clock)

    assert buckets.take(1) == 0
    assert buckets.take(2) == 0
    assert buckets.take(1) > 0


def test_nobody_in_particular_has_no_bound(clock: Clock) -> None:
    buckets = Buckets(1, 0.01, clock)

    assert [buckets.take(None) for _ in range(5)] == [0] * 5


def test_buckets_that_are_full_again_are_forgotten_and_the_others_kept(clock: Clock) -> None:
    buckets = Buckets(2, 0.01, clock)
    for person in range(1_000):
        buckets.take(person)
    clock.now += 150
    buckets.take("busy")
    buckets.take("busy")

    for person in range(1_000, 2_000):
        buckets.take(person)

    assert len(buckets._buckets) < 1_100
    assert buckets.take("busy") > 0


def test_a_count_has_its_bound_for_each_key() -> None:
    count = Count(2)

    assert [count.add("a"), count.add("a"), count.add("a"), count.add("b")] == [True, True, False, True]
    count.remove("a")
    assert [count.add("a"), count.add("a")] == [True, False]
    assert all(count.add(None) for _ in range(5))


def test_a_count_forgets_who_is_gone_and_bears_one_goodbye_too_many() -> None:
    count = Count(2)
    count.add("a")
    for _ in range(3):
        count.remove("a")
        count.remove(None)

    assert count._counts == {}
    assert count.add("a")


def test_nothing_is_counted_out_where_rates_are_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "RATE_LIMITS", False)
    count = Count(1)

    assert all(count.add("a") for _ in range(5))
