"""Scenarios that people start others from."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.ivr.document import Document


class ScenarioTemplate(models.Model):
    """A document under a name, offered to everybody beside the built-in examples."""

    name = models.CharField(_("название"), max_length=120, unique=True)
    about = models.CharField(_("о чём"), max_length=200, blank=True)
    document = models.JSONField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("шаблон сценария")
        verbose_name_plural = _("шаблоны сценариев")

    def __str__(self) -> str:
        return self.name

    def tree(self) -> Document:
        """Its document, read."""
        return Document.from_json(self.document)
