"""Scenarios: one draft each, and versions that never change."""

from collections.abc import Iterable
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Count, OuterRef, Prefetch, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.ivr.document import Document, record_pks
from obzvon_site.accounts.models import ApiAccount
from records.models import Record

NAMED_CAMPAIGNS = 3  # how many of a version a list names


class ScenarioQuerySet(models.QuerySet["Scenario"]):
    def shown(self) -> Self:
        """Those that nobody has put away."""
        return self.filter(archived_at=None)

    def put_away(self) -> Self:
        """The archive."""
        return self.exclude(archived_at=None)

    def listed(self) -> Self:
        """With what the list says of each: who changed it, what is published, and where used."""
        newest = ScenarioVersion.objects.filter(scenario=OuterRef("pk")).order_by("-number")
        return self.select_related("draft_by").annotate(
            newest_number=Subquery(newest.values("number")[:1]),
            newest_sha256=Subquery(newest.values("sha256")[:1]),
            campaign_count=Count("versions__campaigns", distinct=True),
        )


class Scenario(models.Model):
    """A named tree of what a subscriber hears. ``draft`` is a document of ``calls.ivr``."""

    account = models.ForeignKey(ApiAccount, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("название"), max_length=120)
    draft = models.JSONField(default=dict)
    draft_revision = models.PositiveIntegerField(default=1)
    draft_key = models.CharField(max_length=40, blank=True)  # of the request that saved it last
    draft_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    draft_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True)

    objects = ScenarioQuerySet.as_manager()

    class Meta:
        verbose_name = _("сценарий")
        verbose_name_plural = _("сценарии")
        indexes = [models.Index(fields=["-draft_at", "-id"], name="scenario_newest")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("calls:scenario", args=[self.pk])

    def document(self) -> Document:
        """The draft as it was saved last."""
        return Document.from_json(self.draft)

    @property
    def has_edits(self) -> bool:
        """Whether the draft differs from the newest version. For rows of ``listed()``."""
        newest: str | None = self.newest_sha256  # type: ignore[attr-defined]  # annotated
        return self.document().sha256() != newest

    @property
    def step_count(self) -> int:
        return sum(1 for _step in self.document().walk())

    @property
    def opening_text(self) -> str:
        """The first words a subscriber hears, where they are a text."""
        return self.document().opening.text

    def latest_version(self) -> "ScenarioVersion | None":
        """The newest published version; None while there is only a draft."""
        return self.versions.order_by("-number").first()


class ScenarioVersionQuerySet(models.QuerySet["ScenarioVersion"]):
    def listed(self) -> Self:
        """The newest first, with how many campaigns play each, and the latest of them."""
        from calls.models.campaign import Campaign  # noqa: PLC0415  # it knows its version

        latest = Campaign.objects.order_by("-created_at", "-pk")[:NAMED_CAMPAIGNS]
        counted = self.select_related("author").annotate(campaign_count=Count("campaigns"))
        return counted.order_by("-number").prefetch_related(
            Prefetch("campaigns", latest, to_attr="latest_campaigns")
        )


class ScenarioVersion(models.Model):
    """A published scenario. Written once; campaigns keep theirs for ever."""

    scenario = models.ForeignKey(Scenario, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    document = models.JSONField()
    sha256 = models.CharField(max_length=64)  # of the document in canonical JSON
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScenarioVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("версия сценария")
        verbose_name_plural = _("версии сценариев")
        constraints = [
            models.UniqueConstraint(fields=["scenario", "number"], name="version_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.scenario} · {self.number}"

    @property
    def more_campaigns(self) -> int:
        """How many play it beside the latest. For rows of ``listed()``."""
        total: int = self.campaign_count  # type: ignore[attr-defined]  # annotated
        return max(0, total - NAMED_CAMPAIGNS)

    def tree(self) -> Document:
        """Its document, read."""
        return Document.from_json(self.document)


def record_names(documents: Iterable[Document]) -> dict[int, str]:
    """What the records that these documents play are called, removed ones too."""
    played = set().union(*map(record_pks, documents))
    return dict(Record.objects.filter(pk__in=played).values_list("pk", "name"))
