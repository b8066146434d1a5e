"""Questions to several accounts side by side. Threads ask; whoever has asked writes.

A thread touches no database, as when sending. A silent account keeps only itself waiting: others
are asked beside it, and what else there is to do is done meanwhile.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from obzvon_site.accounts.clients import DEADLINE, PATIENCE, client_for, keep_notes
from obzvon_site.accounts.models import ApiAccount
from obzvon_site.provider.client import ExchangeNote, ProviderClient
from obzvon_site.provider.errors import OutcomeUnknown, ProviderError
from obzvon_site.provider.replies import ApiCall

logger = logging.getLogger(__name__)

MOST = 4  # questions at once: an answer may be of thousands of calls, and all are in memory
FEW = 500  # an answer about so many comes soon, or not at all
SILENCE = 2.0  # seconds without an answer, then something else is done


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """About calls by the service's ids, or (None) all that the account has."""

    account: ApiAccount
    client: ProviderClient
    ids: Sequence[int] | None
    subject: str
    notes: list[ExchangeNote]  # the client keeps its exchanges here

    @classmethod
    def to(cls, account: ApiAccount, ids: Sequence[int] | None, *, subject: str) -> "Question":
        """Raises ``common.secrets.Unreadable`` when the account's key does not open."""
        notes: list[ExchangeNote] = []
        deadline = PATIENCE if ids is not None and len(ids) <= FEW else DEADLINE
        client = client_for(account, subject=subject, deadline=deadline, keep=notes.append)
        return cls(account, client, ids, subject, notes)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service says, or the trouble; ``unread``: what was wrong with other entries."""

    question: Question
    items: list[ApiCall] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    trouble: ProviderError | None = None


def side_by_side(
    following: Callable[[], Question | None], *, meanwhile: Callable[[], object]
) -> Iterator[Answer]:
    """Answers as they come. ``following`` is asked for one more question whenever there is room;
    ``meanwhile`` is called while all are silent."""
    flying: set[Future[Answer]] = set()
    with ThreadPoolExecutor(MOST, thread_name_prefix="asking") as pool:
        while True:
            while len(flying) < MOST and (question := following()) is not None:
                flying.add(pool.submit(_ask, question))
            if not flying:
                return
            done, flying = wait(flying, timeout=SILENCE, return_when=FIRST_COMPLETED)
            for future in done:
                yield _kept(future.result())
            if not done:
                meanwhile()


def _ask(question: Question) -> Answer:
    unread: list[str] = []
    try:
        items = question.client.get(question.ids, unread=unread)
    except ProviderError as error:
        return Answer(question, trouble=error)
    except Exception:
        logger.exception("account %s could not be asked", question.account.pk)
        return Answer(question, trouble=OutcomeUnknown())
    return Answer(question, items, unread)


def _kept(answer: Answer) -> Answer:
    """The same, its exchanges in the log."""
    asked = answer.question
    try:
        keep_notes(asked.account.pk, asked.subject, asked.notes)
    except Exception:  # an answer must not be lost because its log is
        logger.exception("exchanges with account %s could not be kept", asked.account.pk)
    return answer
