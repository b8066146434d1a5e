"""The way from an account to the service."""

from collections.abc import Callable, Iterable

from obzvon_site.accounts.models import ApiAccount, Exchange
from obzvon_site.provider.client import ExchangeNote, ProviderClient

DEADLINE = 30.0  # seconds
PATIENCE = 10.0  # of a person who waits for the page


Keep = Callable[[ExchangeNote], None]


def client_for(
    account: ApiAccount,
    *,
    subject: str = "",
    deadline: float = DEADLINE,
    keep: Keep | None = None,
) -> ProviderClient:
    """A client with the account's key that keeps every exchange, noted as about ``subject``.

    ``deadline`` in seconds holds for each request as a whole. With ``keep`` the notes are handed
    over instead, for whoever may not write where it asks (see ``keep_notes``).

    Raises ``common.secrets.Unreadable`` when the key does not open.
    """

    def write(note: ExchangeNote) -> None:
        keep_notes(account.pk, subject, [note])

    return ProviderClient(
        account.base_url, account.api_key(), on_exchange=keep or write, deadline=deadline
    )


def keep_notes(account_id: int, subject: str, notes: Iterable[ExchangeNote]) -> None:
    """Write the notes of exchanges into the log."""
    keep_all(exchange_of(account_id, subject, note) for note in notes)


def keep_all(rows: Iterable[Exchange]) -> None:
    """Write rows of the log."""
    Exchange.objects.bulk_create(rows)


def exchange_of(account_id: int, subject: str, note: ExchangeNote) -> Exchange:
    """The row of a note, not written yet."""
    return Exchange(
        account_id=account_id,
        subject=subject,
        method=note.method,
        outcome=note.outcome,
        http_status=note.http_status,
        milliseconds=note.milliseconds,
        request=note.request,
        answer=note.answer,
        sent_at=note.sent_at,
    )
