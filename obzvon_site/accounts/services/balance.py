"""The balance of an account: asked, kept, shown with its age."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _

from obzvon_site.accounts.clients import PATIENCE, client_for
from obzvon_site.accounts.models import ApiAccount
from obzvon_site.common.secrets import Unreadable
from obzvon_site.provider.errors import ProviderError, for_people

log = logging.getLogger(__name__)

# A little less than the period of the task, so that no period is skipped.
DUE = timedelta(seconds=50)


def refresh(account: ApiAccount, *, now: datetime, deadline: float = PATIENCE) -> None:
    """Ask the service for the balance and keep it, or keep why it could not be had.

    Waits for an answer for ``deadline`` seconds: a page waits for it, or other accounts.
    An answer older than what is kept already is dropped. Never raises for what the service does.
    """
    try:
        info = client_for(account, subject="balance", deadline=deadline).user_info()
    except (ProviderError, Unreadable) as error:
        _keep(account, now, balance_error=explained(error))
    else:
        _keep(account, now, balance_error="", balance=info.balance, balance_at=now)


def refresh_due(*, now: datetime) -> int:
    """Refresh every active account not asked lately. Returns how many were asked."""
    due = list(ApiAccount.objects.balance_due(now - DUE))
    for account in due:
        try:
            refresh(account, now=now)
        except Exception:  # one bad account must not stop the others
            log.exception("the balance of account %s could not be refreshed", account.pk)
    return len(due)


def explained(error: ProviderError | Unreadable) -> str:
    """Why the account could not be asked: a sentence that says what to do."""
    if isinstance(error, ProviderError):
        return for_people(error)
    return _("Сохранённый ключ API не читается: сменился ключ шифрования. Введите ключ заново.")


def _keep(account: ApiAccount, now: datetime, **fields: object) -> None:
    not_asked_later = Q(balance_asked_at=None) | Q(balance_asked_at__lte=now)
    rows = ApiAccount.objects.filter(not_asked_later, pk=account.pk)
    rows.update(balance_asked_at=now, **fields)
    account.refresh_from_db()


@dataclass(frozen=True, slots=True)
class Widget:
    """What the top bar shows."""

    account: ApiAccount
    others: tuple[ApiAccount, ...]
    is_stale: bool

    @property
    def poll_seconds(self) -> int:
        """How often the bar asks: soon after money was spent, rarely else."""
        return 5 if self.account.balance_asked_at is None else 60


def widget(*, now: datetime) -> Widget | None:
    """The default account's balance and the other accounts; None without accounts."""
    accounts = tuple(ApiAccount.objects.active())
    if not accounts:
        return None
    return Widget(account=accounts[0], others=accounts[1:], is_stale=accounts[0].is_stale(now))
