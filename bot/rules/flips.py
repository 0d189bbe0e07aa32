"""When to stand back from somebody who keeps undoing what Hearth does."""

from collections import deque
from datetime import datetime, timedelta

MOST, WINDOW = 2, timedelta(minutes=10)


class Flips:
    """Counts how often others turned one member's role around; up to `most` times is no fight."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._times: dict[tuple[int, int], deque[datetime]] = {}

    def turned(self, user_id: int, role_id: int, now: datetime) -> bool:
        """Count one more turn; True when there were more than `most` in ten minutes."""
        times = self._times.setdefault((user_id, role_id), deque(maxlen=self._most + 1))
        times.append(now)
        return len(times) > self._most and now - times[0] <= WINDOW

    def let_go(self, user_id: int) -> None:
        """Drop what is counted about a person."""
        for place in [place for place in self._times if place[0] == user_id]:
            del self._times[place]

    def forget(self, now: datetime) -> None:
        """Drop what is too old to count."""
        old = [place for place, times in self._times.items() if now - times[-1] > WINDOW]
        for place in old:
            del self._times[place]
