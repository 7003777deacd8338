"""How much of something was used within a second."""

import threading
import time

from limits.settings import settings

KEPT = 10_000


class Rate:
    """Counts by key, in seconds one after the other. What is over its limit is refused until the next second.

    What one request takes may go beyond the limit; the one after it is refused, as DynamoDB does it.
    """

    def __init__(self):
        self._used, self._lock = {}, threading.Lock()

    def is_over(self, key, limit):
        with self._lock:
            return limit is not None and self._of(key)[1] >= limit

    def add(self, key, amount):
        with self._lock:
            self._of(key)[1] += amount

    def take(self, key, limit, amount=1):
        """Whether the amount could be taken; nothing is when not."""
        with self._lock:
            used = self._of(key)
            if limit is not None and used[1] >= limit:
                return False
            used[1] += amount
            return True

    def clear(self):
        with self._lock:
            self._used.clear()

    def _of(self, key):
        second = int(time.monotonic() * 1_000) // settings.second_ms
        if len(self._used) > KEPT:
            self._used = {each: used for each, used in self._used.items() if used[0] == second}
        used = self._used.get(key)
        if used is None or used[0] != second:
            used = self._used[key] = [second, 0]
        return used
