"""The whole examination, in the order in which one thing depends on another."""

import logging
from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from obzvon_site.doctor.address import address
from obzvon_site.doctor.building import building
from obzvon_site.doctor.clocks import clocks
from obzvon_site.doctor.database import database, reachable
from obzvon_site.doctor.engine import engine
from obzvon_site.doctor.findings import Finding, Subject, bad, warning
from obzvon_site.doctor.keys import accounts, secrets
from obzvon_site.doctor.storage import folders, shared
from obzvon_site.doctor.working import working

logger = logging.getLogger(__name__)

WITHOUT_DATABASE: tuple[Subject, ...] = (folders, secrets, building)
WITH_DATABASE: tuple[Subject, ...] = (engine, working, shared, clocks, accounts, address)
NEEDED = frozenset({"database.reachable", "database.migrations"})  # to ask it anything else


def examine(now: datetime) -> Iterator[Finding]:
    """Every finding as it is made: some wait for an answer from afar."""
    is_usable = True
    for finding in _of_database(now):
        is_usable = is_usable and not (finding.state == "bad" and finding.code in NEEDED)
        yield finding
    if is_usable:
        yield from _all_of(WITH_DATABASE, now)
    else:
        yield warning(
            "database.skipped",
            _("Очередь, исполнители, часы, ключи и адрес не проверены: сначала исправьте базу."),
            _("Потом повторите проверку."),
        )
    yield from _all_of(WITHOUT_DATABASE, now)


def _of_database(now: datetime) -> Iterator[Finding]:
    there = reachable()
    yield there
    if there.state != "bad":
        yield from _all_of((database,), now)


def _all_of(subjects: tuple[Subject, ...], now: datetime) -> Iterator[Finding]:
    for subject in subjects:
        try:
            yield from subject(now)
        except Exception as error:  # one check that fails must not hide the others
            logger.debug("%s failed", subject.__name__, exc_info=True)
            values = {"name": subject.__name__, "error": type(error).__name__}
            yield bad(
                f"{subject.__name__}.failed",
                _("Проверка «%(name)s» сорвалась: %(error)s.") % values,
                _("Исправьте строки выше и повторите. Подробности: OBZVON_LOG_LEVEL=DEBUG."),
            )
