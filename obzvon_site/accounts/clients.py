"""The way from an account to the service."""

from collections.abc import Callable, Iterable
from operator import attrgetter

from obzvon_site.accounts.models import ApiAccount, Exchange
from obzvon_site.common import bulk
from obzvon_site.provider.client import ExchangeNote, ProviderClient

DEADLINE = 30.0  # seconds
PATIENCE = 10.0  # of a short question: a person waits for the page, or other accounts wait
# Of a note, in the log's columns of the same names.
NOTED = ("method", "outcome", "http_status", "milliseconds", "request", "answer", "sent_at")
_noted = attrgetter(*NOTED)


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
    keep_all((account_id, subject, note) for note in notes)


def keep_all(told: Iterable[tuple[int, str, ExchangeNote]]) -> None:
    """Write notes of exchanges into the log, each with its account's key and its subject."""
    rows = [(account_id, subject, *_noted(note)) for account_id, subject, note in told]
    bulk.insert_all(Exchange, ("account", "subject", *NOTED), rows)
