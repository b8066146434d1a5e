"""What a launch is likely to cost, before anything is sent."""

from decimal import Decimal

from calls.ivr.cost import CHARACTERS_A_SECOND, CostRange, Prices, estimate
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
    document = heard(record=record, text=text, version=version)
    return None if document is None else of_document(account, document)


def heard(
    *, record: Record | None = None, text: str = "", version: ScenarioVersion | None = None
) -> Document | None:
    """What a call plays as a document, or None while there is nothing to hear."""
    if version is not None:
        return version.tree()
    if record is not None:
        return Document(opening=Sound("record", record=record.pk))
    return Document(opening=Sound(text=text)) if text.strip() else None


def opening_seconds(document: Document) -> int:
    """How long one listens before anything can be chosen; 0: nobody knows."""
    opening = document.opening
    if opening.is_record:
        return round(_seconds(document).get(opening.record or 0, 0))
    return round(len(opening.text) / CHARACTERS_A_SECOND)


def of_document(account: ApiAccount, document: Document) -> CostRange:
    """Roubles for one answered call that plays ``document``."""
    prices = Prices(account.minute_price, account.sms_price, account.synthesis_price)
    return estimate(document, prices, record_seconds=_seconds(document))


def _seconds(document: Document) -> dict[int, Decimal]:
    lengths = Record.objects.filter(pk__in=record_pks(document)).values_list("pk", "seconds")
    return {pk: seconds for pk, seconds in lengths if seconds is not None}
