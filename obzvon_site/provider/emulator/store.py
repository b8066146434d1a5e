"""What the emulator remembers: one SQLite file, one connection, one lock."""

import json
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS account (id INTEGER PRIMARY KEY, balance REAL NOT NULL);
CREATE TABLE IF NOT EXISTS record (
    id INTEGER PRIMARY KEY, name TEXT, source TEXT, text TEXT, gender INTEGER, file TEXT,
    seconds REAL, created_at REAL, moderated_at REAL, verdict TEXT, deleted_at REAL
);
CREATE TABLE IF NOT EXISTS message (id INTEGER PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS call (
    id INTEGER PRIMARY KEY, message_id INTEGER NOT NULL, phone TEXT NOT NULL,
    created_at REAL NOT NULL, planned_at REAL, starts_at REAL, ends_at REAL, speed REAL NOT NULL,
    need_recording INTEGER NOT NULL, line TEXT NOT NULL, cost REAL NOT NULL, blocks_at REAL,
    webhook_url TEXT, webhook_at REAL, webhook_try INTEGER NOT NULL DEFAULT 0,
    webhook_sent INTEGER NOT NULL DEFAULT 0, webhook_status TEXT
);
CREATE INDEX IF NOT EXISTS call_ends ON call (ends_at);
CREATE INDEX IF NOT EXISTS call_blocks ON call (phone, blocks_at);
CREATE INDEX IF NOT EXISTS call_webhook ON call (webhook_at);
CREATE TABLE IF NOT EXISTS step_hook (
    id INTEGER PRIMARY KEY, at REAL, url TEXT NOT NULL, body TEXT NOT NULL, try INTEGER DEFAULT 0
);
CREATE INDEX IF NOT EXISTS step_hook_at ON step_hook (at);
"""
FIRST_CALL = 700_001
FIRST_RECORD = 1_001


class Store:
    """Every method is one short transaction under the lock."""

    def __init__(self, path: Path, balance: float) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;" + SCHEMA)
        self._db.execute("INSERT OR IGNORE INTO account VALUES (1, ?)", (balance,))

    def close(self) -> None:
        """Let go of the file. Nothing may be asked afterwards."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def rows(self, sql: str, values: Iterable[Any] = ()) -> list[sqlite3.Row]:
        with self._lock:
            return self._db.execute(sql, tuple(values)).fetchall()

    def row(self, sql: str, values: Iterable[Any] = ()) -> sqlite3.Row | None:
        return next(iter(self.rows(sql, values)), None)

    def run(self, sql: str, values: Iterable[Any] = ()) -> None:
        with self.transaction() as db:
            db.execute(sql, tuple(values))

    # Money

    def balance(self, now: float) -> float:
        """What was put in, less texts synthesised and calls ended by ``now``."""
        paid = self.row("SELECT balance FROM account WHERE id = 1")
        spent = self.row(
            "SELECT COALESCE(SUM(cost), 0) AS cost FROM call WHERE ends_at <= ?", [now]
        )
        return round((paid["balance"] if paid else 0) - (spent["cost"] if spent else 0), 2)

    def charge(self, roubles: float) -> None:
        self.run("UPDATE account SET balance = balance - ? WHERE id = 1", [roubles])

    def set_balance(self, roubles: float, now: float) -> None:
        """Make the balance what it should be now."""
        self.charge(self.balance(now) - roubles)

    # Records

    def add_record(self, facts: Mapping[str, Any]) -> int:
        names = ", ".join(facts)
        marks = ", ".join("?" for _ in facts)
        with self.transaction() as db:
            last = db.execute("SELECT COALESCE(MAX(id), ?) AS id FROM record", [FIRST_RECORD - 1])
            number = int(last.fetchone()["id"]) + 1
            db.execute(
                f"INSERT INTO record (id, {names}) VALUES (?, {marks})",  # noqa: S608  # own names
                [number, *facts.values()],
            )
        return number

    def record(self, number: int) -> sqlite3.Row | None:
        return self.row("SELECT * FROM record WHERE id = ? AND deleted_at IS NULL", [number])

    # Calls

    def add_calls(self, body: Mapping[str, Any], calls: list[dict[str, Any]]) -> list[int]:
        """Keep an order's message once and its calls, all or none. Returns the calls' ids."""
        with self.transaction() as db:
            message = db.execute(
                "INSERT INTO message (body) VALUES (?)", [json.dumps(body, ensure_ascii=False)]
            ).lastrowid
            last = db.execute("SELECT COALESCE(MAX(id), ?) AS id FROM call", [FIRST_CALL - 1])
            first = int(last.fetchone()["id"]) + 1
            for place, call in enumerate(calls):
                call["id"], call["message_id"] = first + place, message
            db.executemany(
                "INSERT INTO call (id, message_id, phone, created_at, planned_at, starts_at,"
                " ends_at, speed, need_recording, line, cost, blocks_at, webhook_url, webhook_at)"
                " VALUES (:id, :message_id, :phone, :created_at, :planned_at, :starts_at, :ends_at,"
                " :speed, :need_recording, :line, :cost, :blocks_at, :webhook_url, :webhook_at)",
                calls,
            )
            hooks = []
            for call in calls:
                for hook in call["hooks"]:
                    hook["body"]["call"]["apicallId"] = call["id"]
                    hooks.append({**hook, "body": json.dumps(hook["body"], ensure_ascii=False)})
            db.executemany("INSERT INTO step_hook (at, url, body) VALUES (:at, :url, :body)", hooks)
        return [call["id"] for call in calls]

    def calls(self, ids: list[int] | None) -> list[sqlite3.Row]:
        if ids is None:
            return self.rows("SELECT * FROM call ORDER BY id")
        found: list[sqlite3.Row] = []
        for start in range(0, len(ids), 500):
            some = ids[start : start + 500]
            marks = ", ".join("?" for _ in some)
            found += self.rows(f"SELECT * FROM call WHERE id IN ({marks}) ORDER BY id", some)  # noqa: S608
        return found

    def is_blocked(self, phone: str, now: float) -> bool:
        sql = "SELECT 1 FROM call WHERE phone = ? AND blocks_at <= ? LIMIT 1"
        return self.row(sql, [phone, now]) is not None

    def counts(self) -> dict[str, int]:
        """How often each phone was ordered to be called."""
        rows = self.rows("SELECT phone, COUNT(*) AS number FROM call GROUP BY phone")
        return {row["phone"]: row["number"] for row in rows}

    def reset(self) -> None:
        with self.transaction() as db:
            for table in ("call", "message", "record", "step_hook"):
                db.execute(f"DELETE FROM {table}")  # noqa: S608  # own names


def clock() -> float:
    """Unix seconds. The service's clock is the real one; only its durations are sped up."""
    return time.time()
