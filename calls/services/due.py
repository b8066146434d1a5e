"""A call on its way out: what sending asks of its row, at a tenth of a model's price."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from calls.models import Call

# All that is asked of a call while it is taken and ordered, in the order of ``DueCall``.
COLUMNS = ("pk", "campaign_id", "phone", "zone", "variant", "text", "stage", "status", "sent_at")


@dataclass(eq=False)
class DueCall:
    """A call as it was read; the ledger keeps it up to date as it does a model."""

    pk: int
    campaign_id: int
    phone: str
    zone: str
    variant: str
    text: str
    stage: str
    status: str
    sent_at: datetime | None


def read(calls: QuerySet[Call]) -> list[DueCall]:
    """The rows of a query, without what nobody asks for here."""
    return [DueCall(*row) for row in calls.values_list(*COLUMNS)]
