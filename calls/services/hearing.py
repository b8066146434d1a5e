"""Writing down what was heard of orders: many good answers at once, troubles one by one."""

import logging
from collections import defaultdict
from collections.abc import Iterable
from typing import cast

from calls.services import backpressure, ledger, outcomes
from calls.services.outcomes import Clock
from calls.services.sending import Heard, Taken
from obzvon_site.accounts.clients import keep_all
from obzvon_site.provider.replies import Created

logger = logging.getLogger(__name__)


def write_together(found: Iterable[Heard], *, clock: Clock) -> list[Heard]:
    """Write down the orders that went as they should, a campaign's at once. Returns the others,
    and those that could not be written so, for ``write`` to look at each."""
    plain: dict[int, list[Heard]] = defaultdict(list)
    others: list[Heard] = []
    for heard in found:
        is_plain = heard.answer is not None and outcomes.is_whole(heard.taken.calls, heard.answer)
        (plain[heard.taken.order.campaign_id] if is_plain else others).append(heard)
    for group in plain.values():
        orders = [heard.taken.order for heard in group]
        answers = [(heard.taken.calls, cast("Created", heard.answer)) for heard in group]
        try:
            outcomes.all_created(orders, answers, clock)
            backpressure.hear_well(orders, clock())
        except Exception as error:
            if not isinstance(error, ledger.Stale):
                logger.exception("answers to %d orders were not kept together", len(orders))
            others += group
        else:
            _keep(*(heard.taken for heard in group))
    return others


def write(heard: Heard, *, clock: Clock) -> None:
    """Write down what became of an order, and the note of its exchange."""
    order = heard.taken.order
    try:
        if not heard.is_begun:
            outcomes.take_back(order, clock())
        elif heard.trouble is not None:
            outcomes.not_created(order, heard.trouble, clock)
        else:
            outcomes.created(order, cast("Created", heard.answer), clock)
    finally:
        _keep(heard.taken)
    if heard.is_begun:
        backpressure.hear(order, heard.trouble, clock())


def _keep(*taken: Taken) -> None:
    """Keep the notes of exchanges, once each: an answer may have to be written several times."""
    try:
        keep_all(
            (one.order.campaign.account_id, one.order.subject, note)
            for one in taken
            for note in one.notes
        )
    except Exception:  # an answer must not be lost because its log is
        logger.exception("exchanges of %s could not be kept", [one.order.pk for one in taken])
    else:
        for one in taken:
            one.notes.clear()
