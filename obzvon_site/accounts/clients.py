"""The way from an account to the service."""

from obzvon_site.accounts.models import ApiAccount, Exchange
from obzvon_site.provider.client import ExchangeNote, ProviderClient

DEADLINE = 30.0  # seconds
PATIENCE = 10.0  # of a person who waits for the page


def client_for(
    account: ApiAccount, *, subject: str = "", deadline: float = DEADLINE
) -> ProviderClient:
    """A client with the account's key that keeps every exchange, noted as about ``subject``.

    ``deadline`` in seconds holds for each request as a whole.

    Raises ``common.secrets.Unreadable`` when the key does not open.
    """

    def keep(note: ExchangeNote) -> None:
        Exchange.objects.create(
            account=account,
            subject=subject,
            method=note.method,
            outcome=note.outcome,
            http_status=note.http_status,
            milliseconds=note.milliseconds,
            request=note.request,
            answer=note.answer,
            sent_at=note.sent_at,
        )

    return ProviderClient(account.base_url, account.api_key(), on_exchange=keep, deadline=deadline)
