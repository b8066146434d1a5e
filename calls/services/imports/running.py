"""Reading a started import to its end: by pieces, each with the cursor in one transaction.

So a worker that is killed loses nothing and doubles nothing: what it had not committed is read
again from the cursor. Who reads is told by a lease; every piece renews it, and is thrown away if
the lease has gone to somebody else, or the import was canceled.
"""

import gc
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Exists, F, Max, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from calls.models import BlockedPhone, Contact, ListImport
from calls.services import audience
from calls.services.imports import landing, rows, storing, writing
from calls.services.imports.columns import Common, Mapping
from calls.services.imports.reading import Block, Reader
from calls.services.imports.rows import Batch

logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]
LEASE = timedelta(seconds=60)  # much longer than a piece takes
PASS_SECONDS = 10.0  # one pass ends then, and the next tick goes on: others wait in the queue
LATELY = timedelta(days=7)
WINDOW = 2 * 1024 * 1024  # bytes; of the same size for a worker that follows a killed one
_State = ListImport.State


class Gone(Exception):
    """It was canceled, its list was removed, or another worker reads it now."""


def run_due(*, clock: Clock = timezone.now) -> int:
    """Go on with every started import, one of each list. Returns how many were looked at."""
    earlier = ListImport.objects.filter(
        contact_list=OuterRef("contact_list"), state=_State.RUNNING, pk__lt=OuterRef("pk")
    )
    due = list(ListImport.objects.to_run(clock()).filter(~Exists(earlier)))
    for imported in due:
        run(imported, clock=clock)
    return len(due)


def run(
    imported: ListImport, *, clock: Clock = timezone.now, seconds: float = PASS_SECONDS
) -> bool:
    """Read on for so many seconds. True: there is nothing left to do.

    What is wrong with the file is said in the import's ``error``.
    """
    lease = uuid4().hex
    if not _take(imported, lease, clock()):
        return False
    try:
        with writing.writing() as writer, _no_collecting():
            _Pass(imported, lease, clock, writer).read(seconds)
    except Gone:
        return True
    except (OperationalError, InterfaceError):
        # The database is busy or away: the lease runs out, and somebody goes on.
        logger.warning("import %s waits for the database", imported.pk, exc_info=True)
        return False
    except Exception as error:
        logger.exception("import %s failed", imported.pk)
        _fail(imported, lease, error, clock())
        return True
    imported.refresh_from_db()
    return imported.is_over


def _take(imported: ListImport, lease: str, now: datetime) -> bool:
    """Whether it is ours to read now."""
    free = ListImport.objects.to_run(now).filter(pk=imported.pk).order_by()
    if not free.update(lease=lease, lease_until=now + LEASE):
        return False
    imported.refresh_from_db()
    if imported.rows == 0:
        # Contacts with larger keys will be of this file: that tells its repeats from others.
        contacts = Contact.objects.filter(contact_list=imported.contact_list_id)
        imported.after = contacts.aggregate(last=Max("pk"))["last"] or 0
        ListImport.objects.filter(pk=imported.pk, lease=lease).update(after=imported.after)
    return True


def _fail(imported: ListImport, lease: str, error: Exception, now: datetime) -> None:
    if isinstance(error, OSError):
        text = _("Файл не читается: загрузите его ещё раз.")
    else:
        text = _("Ошибка на нашей стороне. Добавленные контакты остались в списке.")
    ListImport.objects.filter(pk=imported.pk, lease=lease, state=_State.RUNNING).update(
        state=_State.FAILED, error=text, finished_at=now, lease="", lease_until=None
    )


@contextmanager
def _no_collecting() -> Iterator[None]:
    """Rows hold no cycles: looking for them among a million cells takes a fifth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Pass:
    """One worker's turn with one import.

    The file is read by windows, and a window is written by pieces: each as long as others may be
    kept waiting, and committed with how many rows of its window have been placed. All windows
    but the first are put in the order of phones: then a piece touches a few pages of the index,
    and not a page for every row. The first shows people their file in the order they know.
    """

    def __init__(
        self, imported: ListImport, lease: str, clock: Clock, writer: writing.Writer
    ) -> None:
        self.imported = imported
        self.cursor, self.line = imported.cursor, imported.line
        self.placed = imported.placed  # of the window at ``cursor``
        self.clock = clock
        self.writer = writer
        self.size = writer.least  # rows of a piece
        self.written_at = 0.0
        self.mine = ListImport.objects.filter(pk=imported.pk, lease=lease, state=_State.RUNNING)
        self.maker = rows.Maker(
            Mapping.from_json(imported.mapping),
            Common.from_json(imported.common),
            timezone.localdate(clock()),
        )
        self.names = list(imported.mapping.get("variables", {}))

    def read(self, seconds: float) -> None:
        """Read until the end of the file, or of the time. Raises Gone."""
        until = time.monotonic() + seconds
        with storing.opened(self.imported) as file:
            reader = storing.reader_of(self.imported, file)
            start, line = after_header(reader) if self.imported.has_header else (0, 0)
            self.cursor, self.line = max((self.cursor, self.line), (start, line))
            while time.monotonic() < until:
                block = reader.block(self.cursor, self.line, WINDOW)
                if block.cursor == self.cursor:
                    return self._finish()
                window = self.maker.batch(block.lines, block.rows)
                if self.cursor > start:
                    window.sort()
                self._place(window, block)
        self.mine.update(lease="", lease_until=None)  # the next tick goes on
        return None

    def _place(self, window: Batch, block: Block) -> None:
        """Write what is left of a window: a second or two, less than reading it again costs."""
        while self.cursor < block.cursor:
            stop = self.placed + self.size
            piece = window.part(self.placed, stop)
            if stop >= len(window.made):
                self._write(piece, block.cursor, block.line, 0)
            else:
                self._write(piece, self.cursor, self.line, stop)

    def _write(self, piece: Batch, cursor: int, line: int, placed: int) -> None:
        """Write a piece, and in the same transaction that it is written."""
        # Others had the time in which the rows were read; give them more if that was too short.
        if (early := self.written_at + self.writer.pause - time.monotonic()) > 0:
            time.sleep(early)
        began = time.monotonic()
        with transaction.atomic():
            self._commit(piece, cursor, line, placed)
        self.cursor, self.line, self.placed = cursor, line, placed
        self.written_at = time.monotonic()
        # A step at a time: one slow write may be the fault of a busy disk.
        step = min(max(self.writer.hold / max(self.written_at - began, 0.001), 0.8), 1.25)
        self.size = int(min(max(self.size * step, self.writer.least), self.writer.most))

    def _commit(self, piece: Batch, cursor: int, line: int, placed: int) -> None:
        owner = landing.locked(self.imported.contact_list_id)
        if owner is None:
            raise Gone
        read = len(piece)
        landed = landing.land(self.imported, owner, piece, self.names, self.writer)
        if not self.mine.update(
            cursor=cursor,
            line=line,
            placed=placed,
            rows=F("rows") + read,
            added=F("added") + landed.added,
            bad=F("bad") + landed.bad,
            repeats=F("repeats") + landed.repeats,
            lease_until=self.clock() + LEASE,
        ):
            raise Gone

    def _finish(self) -> None:
        """Look once at the whole: who of the added may not be called, who was called lately."""
        now = self.clock()
        added = Contact.objects.filter(
            contact_list=self.imported.contact_list_id, pk__gt=self.imported.after, line__gt=0
        )
        blocked = BlockedPhone.objects.in_force(now).filter(campaign=None)
        called = audience.called_since(now - LATELY).filter(phone=OuterRef("phone"))
        if not self.mine.update(
            state=_State.DONE,
            blocked=added.filter(phone__in=blocked.values("phone")).count(),
            lately=added.filter(Exists(called)).count(),
            finished_at=now,
            lease="",
            lease_until=None,
        ):
            raise Gone
        storing.forget(self.imported)


def after_header(reader: Reader) -> tuple[int, int]:
    """Where the rows begin that are no header: bytes, and lines before them."""
    cursor = line = 0
    while True:
        block = reader.block(cursor, line, 1)
        if block.rows or block.cursor == cursor:
            return block.cursor, block.line
        cursor, line = block.cursor, block.line
