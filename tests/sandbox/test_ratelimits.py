"""Rate limits are counted and told as Discord does."""

from __future__ import annotations

import pytest

from sandbox.ratelimits import (
    CHANNEL_EDIT,
    GLOBAL_LIMIT,
    MEMBER_EDIT,
    MEMBER_ROLES,
    Bucket,
    Limiter,
)


class Seconds:
    """A monotonic clock set by hand."""

    def __init__(self) -> None:
        self.now = 50.0

    def __call__(self) -> float:
        return self.now


TWO = Bucket("two", 2, 10, "guild_id")


@pytest.fixture
def seconds() -> Seconds:
    """Return a clock set by hand."""
    return Seconds()


def test_a_bucket_empties_and_fills_again(seconds: Seconds) -> None:
    """The third request waits for the end of the period that the first one opened."""
    limiter = Limiter(monotonic=seconds)
    assert limiter.take(TWO, "a").headers["X-RateLimit-Remaining"] == "1"
    seconds.now += 4
    assert limiter.take(TWO, "a").retry_after is None
    assert limiter.take(TWO, "a").retry_after == pytest.approx(6)
    seconds.now += 6
    assert limiter.take(TWO, "a").retry_after is None


def test_headers_tell_the_budget(seconds: Seconds) -> None:
    """Limit, what is left, when it is full again, and one opaque name per bucket."""
    headers = Limiter(monotonic=seconds).take(TWO, "a").headers
    assert headers["X-RateLimit-Limit"] == "2"
    assert headers["X-RateLimit-Remaining"] == "1"
    assert float(headers["X-RateLimit-Reset-After"]) == pytest.approx(10)
    assert headers["X-RateLimit-Bucket"] == TWO.hash
    assert TWO.hash != MEMBER_EDIT.hash != MEMBER_ROLES.hash


def test_a_refusal_says_how_long(seconds: Seconds) -> None:
    """A refused request has nothing left, a scope and a wait in whole seconds."""
    limiter = Limiter(monotonic=seconds)
    for _ in range(2):
        limiter.take(TWO, "a")
    refused = limiter.take(TWO, "a")
    assert refused.headers["X-RateLimit-Remaining"] == "0"
    assert refused.headers["X-RateLimit-Scope"] == "user"
    assert int(refused.headers["Retry-After"]) >= 10
    assert not refused.is_global


def test_each_server_has_its_own_budget(seconds: Seconds) -> None:
    """One server's bucket says nothing about another's."""
    limiter = Limiter(monotonic=seconds)
    for _ in range(3):
        limiter.take(TWO, "a")
    assert limiter.take(TWO, "b").retry_after is None


def test_the_time_scale_shortens_periods(seconds: Seconds) -> None:
    """At scale 10 a period of ten seconds is one."""
    limiter = Limiter(10, monotonic=seconds)
    for _ in range(2):
        limiter.take(TWO, "a")
    assert limiter.take(TWO, "a").retry_after == pytest.approx(1)
    seconds.now += 1
    assert limiter.take(TWO, "a").retry_after is None


def test_the_bot_as_a_whole_has_a_budget(seconds: Seconds) -> None:
    """More than fifty requests a second are refused, whatever they are."""
    limiter = Limiter(monotonic=seconds)
    assert all(limiter.take_global() is None for _ in range(GLOBAL_LIMIT))
    refused = limiter.take_global()
    assert refused is not None
    assert refused.is_global
    assert refused.headers["X-RateLimit-Scope"] == "global"
    seconds.now += 1
    assert limiter.take_global() is None


def test_a_hidden_budget_shows_only_when_it_is_spent(seconds: Seconds) -> None:
    """Its refusal keeps the outer bucket's headers, with requests left."""
    limiter = Limiter(monotonic=seconds)
    hidden = Bucket("hidden", 1, 600, "channel_id")
    first = limiter.take_silently(hidden, "c", limiter.take(CHANNEL_EDIT, "c"))
    assert first.retry_after is None
    second = limiter.take_silently(hidden, "c", limiter.take(CHANNEL_EDIT, "c"))
    assert second.retry_after == pytest.approx(600)
    assert second.headers["X-RateLimit-Remaining"] == "3"
