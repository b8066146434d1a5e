"""News of many accepted calls of one campaign, written in a few statements.

What ``news.fold`` and ``ledger.report`` do with one call, done with thousands: the rules are asked
for each, but rows, timeline, counters and next attempts are each written at once.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from calls.models import BlockedPhone, Call, CallEvent, Campaign
from calls.services import blocking, ledger, news, retrying
from calls.services.counting import Shift, has_ended, minute_of
from obzvon_site.accounts.models import ApiAccount
from obzvon_site.common import bulk
from obzvon_site.provider.replies import ApiCall, CallNews

Kind = CallEvent.Kind
GUARDS = ("stage", *ledger.COUNTED)
# Whatever news may change: a row is written with all that the batch changes in any of its rows,
# so what a row had in these must still be there, or it would be written over with older words.
TOLD = frozenset(
    {
        *news.FIELDS,
        *("status", "is_final", "result", "to_block", "service_call_id", "changed_at"),
    }
)
# Whoever fetches recordings writes these without the campaign's lock: only news of one touch them.
RECORDING = ("recording_url", "recording_at", "recording_tries")


class Reports:
    """What many answers change in one campaign. Inside a transaction with the campaign locked."""

    def __init__(self, campaign: Campaign, now: datetime) -> None:
        self.campaign = campaign
        self.now = now
        self.minute = minute_of(now)  # in which all of it was heard
        self.shift = Shift()
        self.lines: list[tuple[Call, str, datetime, dict[str, Any]]] = []
        self.details: dict[tuple[Any, ...], dict[str, Any]] = {}
        self.seen: dict[int, dict[str, Any]] = {}  # what a row said before, by its key
        self.rows: dict[int, Call] = {}
        self.changed: dict[int, set[str]] = {}

    def take(self, call: Call, answer: ApiCall) -> bool:
        """Take over the newest attempt of ``answer``. False when it says nothing new.

        ``call`` is one object for all that is told of it, and accepted under the answer's id.
        """
        latest = news.newest(answer)
        fields = news.changes(call, latest) if latest else {}
        if latest is None or not fields:
            return False
        if call.pk not in self.rows:
            call.campaign = self.campaign
            self.rows[call.pk] = call
            self.seen[call.pk] = vars(call).copy()
            self.changed[call.pk] = set()
        self._tell(call, fields, latest)
        if fields.get("recording_url") and not call.has_recording:
            fields |= {"recording_at": self.now, "recording_tries": 0}
        self._count(call, fields)
        self.changed[call.pk].update(fields)
        return True

    def write(self) -> None:
        """Write all of it. Raises Stale if a row says no more what it said when it was read."""
        retries = self._conclude()
        self._write_rows()
        Call.objects.bulk_create([retry for _, retry in retries], batch_size=ledger.BATCH)
        self.shift.count_new(retry for _, retry in retries)
        for call, retry in retries:
            said = {"attempt": retry.attempt, "at": retry.planned_at.isoformat()}
            said["result"] = call.result
            self.lines += [
                (call, Kind.RETRY, self.now, said),
                (retry, Kind.PLANNED, self.now, said),
            ]
        bulk.insert_all(
            CallEvent,
            ("call", "kind", "at", "details"),
            [(call.pk, kind, at, details) for call, kind, at, details in self.lines],
        )
        self.shift.apply(self.campaign.pk, self.now)
        self._follow()

    def _tell(self, call: Call, fields: dict[str, Any], latest: CallNews) -> None:
        """A line of the timeline when the status changes."""
        if "status" not in fields:
            return
        details = self._details_of(fields["status"], latest)
        self.lines.append((call, Kind.STATUS, latest.updated_at or self.now, details))
        fields["changed_at"] = self.now

    def _details_of(self, status: str, latest: CallNews) -> dict[str, Any]:
        """Of most lines the same: one object, written as a text once."""
        key = (status, latest.hangup_cause, latest.said_at)
        if key not in self.details:
            self.details[key] = news.details_of(status, latest)
        return self.details[key]

    def _count(self, call: Call, fields: dict[str, Any]) -> None:
        """Shift the counters from what the call was to what it is now, and make it so."""
        shift, heard = self.shift, self.minute
        was_ended, was_answered = has_ended(call), shift.campaign["answered"]
        cost = shift.cost
        shift.count(call, -1)
        if was_ended:
            shift.count_depths(call, -1)
        vars(call).update(fields)
        shift.count(call)
        if has_ended(call):
            shift.count_depths(call)
            minute = shift.minutes[heard]
            minute["ended"] += int(not was_ended)
            minute["answered"] += shift.campaign["answered"] - was_answered
        if shift.cost != cost:
            shift.minute_costs[heard] += shift.cost - cost

    def _conclude(self) -> list[tuple[Call, Call]]:
        """How the ended ones went; those that are followed by an attempt, with it."""
        around = retrying.Around.of(self.campaign, self.rows.values())
        retries = []
        for pk, call in self.rows.items():
            call.sync_at = news.next_ask(call, self.now)
            found = retrying.conclude(call, self.now, around)
            if found.result != call.result:
                call.result = found.result
                self.changed[pk].add("result")
            if found.retry is not None:
                call.is_retried = True
                self.changed[pk].add("is_retried")
                around.add(found.retry)
                retries.append((call, found.retry))
        return retries

    def _write_rows(self) -> None:
        names = set().union(*self.changed.values()) - set(RECORDING) | {"sync_at"}
        guards = sorted((names & TOLD).union(GUARDS))
        self._update(list(self.rows), sorted(names), guards)
        recorded = [pk for pk, changed in self.changed.items() if changed & set(RECORDING)]
        self._update(recorded, RECORDING, ())

    def _update(self, pks: Sequence[int], names: Sequence[str], guards: Sequence[str]) -> None:
        rows = [(pk, vars(self.rows[pk])) for pk in pks]
        seen = [self.seen[pk] for pk in pks]
        if bulk.update_each(Call, rows, names, seen=seen, guards=guards) != len(rows):
            raise ledger.Stale(f"some of {len(rows)} calls have newer news")

    def _follow(self) -> None:
        """What else follows from what was heard."""
        changed = [(self.rows[pk], names) for pk, names in self.changed.items()]
        if blocked := [call.phone for call, names in changed if "to_block" in names]:
            blocking.block(blocked, source=BlockedPhone.Source.KEY, now=self.now)
        for call, _ in changed:
            retrying.take_back_needless(call, self.now)
        if self.shift.cost:
            ApiAccount.objects.filter(pk=self.campaign.account_id).ask_balance_soon()


def report_all(
    campaign: Campaign, pairs: Iterable[tuple[Call, ApiCall]], *, now: datetime
) -> set[int]:
    """Take over and write answers about accepted calls; the keys of those that changed."""
    reports = Reports(campaign, now)
    changed = {call.pk for call, answer in pairs if reports.take(call, answer)}
    if changed:
        reports.write()
    return changed
