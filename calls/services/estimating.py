"""What a launch is likely to cost, before anything is sent."""

from decimal import Decimal

from calls.ivr.cost import CostRange, Prices, estimate
from calls.ivr.document import Document, Sound, record_pks
from calls.models import ScenarioVersion
from obzvon_site.accounts.models import ApiAccount
from records.models import Record


def of_call(
    account: ApiAccount,
    *,
    record: Record | None = None,
    text: str = "",
    version: ScenarioVersion | None = None,
) -> CostRange | None:
    """Roubles for one answered call, or None while there is nothing to hear."""
    if version is not None:
        document = Document.from_json(version.document)
    elif record is not None:
        document = Document(opening=Sound("record", record=record.pk))
    elif text.strip():
        document = Document(opening=Sound(text=text))
    else:
        return None
    return of_document(account, document)


def of_document(account: ApiAccount, document: Document) -> CostRange:
    """Roubles for one answered call that plays ``document``."""
    prices = Prices(account.minute_price, account.sms_price, account.synthesis_price)
    return estimate(document, prices, record_seconds=_seconds(document))


def _seconds(document: Document) -> dict[int, Decimal]:
    lengths = Record.objects.filter(pk__in=record_pks(document)).values_list("pk", "seconds")
    return {pk: seconds for pk, seconds in lengths if seconds is not None}
