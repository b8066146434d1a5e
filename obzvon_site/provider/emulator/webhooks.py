"""News that the service posts: at each change of a status, again each minute until 200."""

import http.client
import json
import threading
from collections import defaultdict
from typing import Any
from urllib.parse import urlsplit

from obzvon_site.provider.emulator import script
from obzvon_site.provider.emulator.faults import NEWS, Faults
from obzvon_site.provider.emulator.methods import Service
from obzvon_site.provider.emulator.store import clock

REPEAT_SECONDS = 60.0  # divided by the speed
STEP_TRIES = 10
BATCH = 300
DEADLINE = 10.0


class Poster(threading.Thread):
    """One thread that wakes for what is due next; idle calls cost nothing."""

    def __init__(self, service: Service, faults: Faults) -> None:
        super().__init__(daemon=True, name="webhooks")
        self.service = service
        self.faults = faults
        self._late: list[tuple[float, str, str]] = []  # when, where to and what
        self.stopped = threading.Event()

    def run(self) -> None:
        while not self.stopped.wait(0.3):
            self.post_due(clock())

    def post_due(self, now: float) -> None:
        """Post everything that is due at ``now``; what was held back comes after the newer."""
        self._post_statuses(now)
        self._post_steps(now)
        due = [item for item in self._late if item[0] <= now]
        self._late = [item for item in self._late if item[0] > now]
        for _at, url, body in due:
            post(url, body)

    def _post(self, url: str, body: str, now: float) -> bool:
        """Post, unless a trouble strikes; whether the service believes that it was taken."""
        fault = self.faults.strike(NEWS)
        if fault is None:
            return post(url, body)
        if fault.kind == "repeated":
            post(url, body)
            return post(url, body)
        if fault.kind == "late":
            self._late.append((now + fault.seconds, url, body))
        return True

    def _post_statuses(self, now: float) -> None:
        """One request per address, with all its calls in their current state."""
        store = self.service.store
        rows = store.rows(
            "SELECT * FROM call WHERE webhook_at <= ? ORDER BY webhook_at LIMIT ?", [now, BATCH]
        )
        by_url: dict[str, list[Any]] = defaultdict(list)
        for row in rows:
            by_url[row["webhook_url"]].append(row)
        for url, calls in by_url.items():
            body = {"apiCalls": [self.service.shown(row, now) for row in calls]}
            is_taken = self._post(url, json.dumps(body), now)
            with store.transaction() as db:
                for row in calls:
                    again = self._next(row, now) if is_taken else self._repeat(now)
                    db.execute(
                        "UPDATE call SET webhook_at = ?, webhook_try = webhook_try + 1,"
                        " webhook_sent = ? WHERE id = ?",
                        [again, int(is_taken), row["id"]],
                    )

    def _post_steps(self, now: float) -> None:
        store = self.service.store
        due = store.rows("SELECT * FROM step_hook WHERE at <= ? ORDER BY at LIMIT ?", [now, BATCH])
        for hook in due:
            is_done = self._post(hook["url"], hook["body"], now) or hook["try"] + 1 >= STEP_TRIES
            store.run(
                "UPDATE step_hook SET at = ?, try = try + 1 WHERE id = ?",
                [None if is_done else self._repeat(now), hook["id"]],
            )

    def _repeat(self, now: float) -> float:
        return now + max(0.5, REPEAT_SECONDS / self.service.speed)

    def _next(self, row: Any, now: float) -> float | None:
        """When the status changes next; None when it never will."""
        seconds = (now - row["starts_at"]) * row["speed"]
        for at, _status in script.moments(json.loads(row["line"])):
            if at > seconds:
                return float(row["starts_at"] + at / row["speed"] + 0.01)
        return None


def post(url: str, body: str) -> bool:
    """Post JSON; whether the answer was exactly 200."""
    try:
        parts = urlsplit(url)
        kind = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        connection = kind(parts.hostname or "", parts.port, timeout=DEADLINE)
        try:
            path = parts.path + (f"?{parts.query}" if parts.query else "")
            headers = {"Content-Type": "application/json", "Accept": "application/json"}
            connection.request("POST", path or "/", body.encode(), headers)
            return connection.getresponse().status == 200
        finally:
            connection.close()
    except (OSError, ValueError, http.client.HTTPException):
        return False
