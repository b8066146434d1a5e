"""How an account's way to the service fares: what all its workers keep to."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from obzvon_site.accounts.models import ApiAccount


class ChannelQuerySet(models.QuerySet["Channel"]):
    def in_trouble(self, now: datetime) -> Self:
        """Those that let nothing through now, though something waits behind them."""
        shut = self.filter(Q(openings__gt=0) | Q(open_until__gt=now))
        waiting = Q(account__campaigns__state="running", account__campaigns__waiting__gt=0)
        return shut.filter(waiting).select_related("account").distinct().order_by("account")


class Channel(models.Model):
    """Written only when something changes: an account without trouble has none, or a quiet one.

    Closed is the good state, as of an electric circuit: orders pass. Open, none does until
    ``open_until``; then, half-open, one order of one call tries. See ``services.backpressure``.
    """

    LONGEST = timedelta(hours=1)  # no pause is longer

    account = models.OneToOneField(
        ApiAccount, on_delete=models.CASCADE, primary_key=True, related_name="channel"
    )
    width = models.PositiveSmallIntegerField()  # orders at once now; never over ``connections``
    failures = models.PositiveIntegerField(default=0)  # in a row
    openings = models.PositiveSmallIntegerField(default=0)  # in a row; 0: it is closed
    open_until = models.DateTimeField(null=True)  # nothing is sent before; also of a short pause
    reason = models.TextField(blank=True)  # of the last trouble, for people
    changed_at = models.DateTimeField()  # when it was made narrower last

    objects = ChannelQuerySet.as_manager()

    class Meta:
        verbose_name = _("состояние связи")
        verbose_name_plural = _("состояния связи")

    def __str__(self) -> str:
        return f"{self.account_id}"

    def is_shut(self, now: datetime) -> bool:
        """Whether nothing may be sent yet."""
        # Farther away than anything is put off, it was written by a clock that went wrong.
        return self.open_until is not None and now < self.open_until <= now + self.LONGEST

    @property
    def is_half_open(self) -> bool:
        """Whether one call has to try, once ``open_until`` has passed."""
        return self.openings > 0

    @property
    def trouble(self) -> str:
        """What holds the account's calls back, and what to do; empty: nothing does."""
        if not self.is_half_open and not self.is_shut(timezone.now()):
            return ""
        if self.open_until is None or self.open_until <= timezone.now():
            return self.reason + " " + gettext("Сейчас проверяем одним звонком.")
        at = date_format(timezone.localtime(self.open_until), "H:i:s")
        said = gettext("Звонки ждут на своих местах, следующая попытка в %(at)s.") % {"at": at}
        if not self.is_half_open:
            return f"{self.reason} {said}"
        advice = gettext("Если это надолго, проверьте учётную запись или спросите сервис.")
        return f"{self.reason} {said} {advice}"
