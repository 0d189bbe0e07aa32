"""How many names a group's letters hold in a week, and when the next letter may come."""

from datetime import timedelta

WEEK = timedelta(days=7)
# Looks come once a day or later: nothing must slip by a day each week.
SLACK = timedelta(hours=2)

NAMES_PER_FIFTY = 3
MOST_NAMES = 9
MOST_NEWCOMERS = 3
PAUSE = timedelta(weeks=4)  # of letters, for who needs one


def most_names(homes: int) -> int:
    """Return how many who used to be around a group of `homes` people is told of in a week.

    More than a few is a list, and a list gets no words.
    """
    return min(MOST_NAMES, max(1, -(-homes * NAMES_PER_FIFTY // 50)))


def most_newcomers(homes: int) -> int:
    """Return how many newcomers who fell silent a group is told of in a week, beside the others."""
    return min(MOST_NEWCOMERS, max(1, -(-homes // 50)))


def interval(often: str) -> timedelta | None:
    """Return how long after a letter the next may come; None for never."""
    return {"weekly": WEEK - SLACK, "daily": timedelta(days=1) - SLACK}.get(often)
