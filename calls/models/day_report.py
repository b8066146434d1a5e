"""A day of an account as the service tells it, beside the same day as we have it."""

from decimal import Decimal

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from obzvon_site.accounts.models import ApiAccount


class DayReport(models.Model):
    """What of a day's calls and costs differs between the service and us.

    ``differences``: ``{"kind", "call", "number", "phone", "ours", "theirs"}`` each, the first
    thousand of ``differing``; «kind» is extra (only the service has it), missing (only we do),
    status or cost.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("Сверяем")
        EQUAL = "equal", _("Сходится")
        DIFFERENT = "different", _("Расходится")
        FAILED = "failed", _("Не удалось")

    account = models.ForeignKey(ApiAccount, on_delete=models.CASCADE, related_name="day_reports")
    day = models.DateField()  # of the installation's clock
    state = models.CharField(max_length=9, choices=State, default=State.ASKED)
    error = models.TextField(blank=True)  # for people
    made_at = models.DateTimeField(null=True)  # last try
    ours = models.PositiveIntegerField(default=0)  # calls
    theirs = models.PositiveIntegerField(default=0)
    our_cost = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0))
    their_cost = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0))
    corrected = models.PositiveIntegerField(default=0)  # calls that news were folded into
    differing = models.PositiveIntegerField(default=0)
    differences = models.JSONField(default=list)

    class Meta:
        verbose_name = _("сверка дня")
        verbose_name_plural = _("сверки дней")
        constraints = [
            models.UniqueConstraint(fields=["account", "day"], name="one_report_a_day"),
        ]
        indexes = [models.Index(fields=["-day", "-id"], name="day_report_newest")]

    def __str__(self) -> str:
        return f"{self.account} {self.day}"

    def get_absolute_url(self) -> str:
        return reverse("calls:day-report", args=[self.pk])
