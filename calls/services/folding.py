"""What the service says of calls, folded into them: of one campaign together, strange ones alone.

Whoever brings the news, a webhook or an answer to our question, brings pairs of a call as it was
read and what is said of it.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import InterfaceError, OperationalError, transaction

from calls.models import Call, Campaign
from calls.services import ledger, news, reporting
from obzvon_site.common import bulk
from obzvon_site.provider.replies import ApiCall

logger = logging.getLogger(__name__)

# The database's trouble and not the news': they are folded when it is over, and never given up.
PASSING = (OperationalError, InterfaceError)
PORTION = 5000  # calls of a campaign whose news are written in one transaction
TOGETHER = 2  # tries, then one by one
Pair = tuple[Call, ApiCall]


@dataclass
class Folded:
    """What became of the news of some calls, by the calls' keys."""

    changed: set[int] = field(default_factory=set)
    failed: dict[int, Exception] = field(default_factory=dict)


def fold_all(pairs: Iterable[Pair], *, now: datetime) -> Folded:
    """Fold news of calls of whatever campaigns. Never raises for what one of them says.

    Raises what the database raises when it is away or full: then all may be folded again.
    """
    told = Folded()
    by_campaign: dict[int, list[Pair]] = defaultdict(list)
    for call, answer in pairs:
        if not _is_surely_old(call, answer):
            by_campaign[call.campaign_id].append((call, answer))
    for found in by_campaign.values():
        for start in range(0, len(found), PORTION):
            _fold_portion(found[start : start + PORTION], told, now)
    return told


def fold(call: Call, answer: ApiCall, *, now: datetime) -> bool:
    """Fold an answer into its call. False when it says nothing new. Raises Stale as ``news``."""
    if _says_nothing_new(call, answer):
        return False
    with transaction.atomic():
        ledger.lock([call.campaign_id])
        # As it is now: somebody may have written to it since it was read.
        current = Call.objects.select_related("campaign").get(pk=call.pk)
        return news.fold(current, answer, now=now)


def _fold_portion(pairs: Sequence[Pair], told: Folded, now: datetime) -> None:
    for _try in range(TOGETHER):
        proofs = [pair for pair in pairs if not _is_known(*pair)]
        _fold_each(proofs, told, now)
        pairs = [pair for pair in pairs if _is_known(*pair)] if proofs else pairs
        if not pairs:
            return
        try:
            told.changed |= _fold_together(pairs, now)
        except ledger.Stale:
            # Somebody has folded what he knows of them, while we asked.
            pairs = _read_again(pairs)
        except PASSING:
            raise
        except Exception:
            logger.exception("news of %d calls could not be folded together", len(pairs))
            pairs = _read_again(pairs)
            break
        else:
            return
    _fold_each(pairs, told, now)


@transaction.atomic
def _fold_together(pairs: Sequence[Pair], now: datetime) -> set[int]:
    """Raises Stale when somebody has written to one of the calls since it was read."""
    campaign = Campaign.objects.select_for_update().get(pk=pairs[0][0].campaign_id)
    return reporting.report_all(campaign, pairs, now=now)


def _fold_each(pairs: Sequence[Pair], told: Folded, now: datetime) -> None:
    for call, answer in pairs:
        try:
            if fold(call, answer, now=now):
                told.changed.add(call.pk)
        except PASSING:
            raise
        except Exception as error:
            # One strange answer must not stop the others.
            if not isinstance(error, ledger.Stale):
                logger.exception("news of call %s failed", call.pk)
            told.failed[call.pk] = error


def _read_again(pairs: Sequence[Pair]) -> list[Pair]:
    """The same answers about the calls as their rows say now: what was tried is not written."""
    pks = bulk.listed_keys(call.pk for call, _answer in pairs)
    rows = {call.pk: call for call in Call.objects.filter(pk__in=pks)}
    return [(rows[call.pk], answer) for call, answer in pairs if call.pk in rows]


def _is_known(call: Call, answer: ApiCall) -> bool:
    """Whether it is accepted under this id; else the news are its proof, and go alone."""
    return call.stage == Call.Stage.ACCEPTED and call.service_order_id == answer.id


def _is_surely_old(call: Call, answer: ApiCall) -> bool:
    """As ``_says_nothing_new``; what cannot be told yet is found out when it is folded."""
    try:
        return _says_nothing_new(call, answer)
    except Exception:  # noqa: BLE001  # it is logged there
        return False


def _says_nothing_new(call: Call, answer: ApiCall) -> bool:
    if not _is_known(call, answer):
        return False  # that the service knows it is news enough
    latest = news.newest(answer)
    if latest is None:
        return True
    # Another status is looked at closely when it is folded.
    return latest.status == call.status and not news.changes(call, latest)
