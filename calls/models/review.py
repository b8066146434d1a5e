"""Reviews: what managers think of recorded calls, and what operators are asked to do about them."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from calls.models.recording import Recording


class ChecklistItem(models.Model):
    """One line of the checklist. Never deleted once answered: old reviews keep their lines."""

    text = models.CharField(_("вопрос"), max_length=160)
    weight = models.PositiveSmallIntegerField(
        _("вес"), default=1, validators=[MinValueValidator(1), MaxValueValidator(10)]
    )
    place = models.PositiveSmallIntegerField(default=0)  # from the top
    is_active = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("пункт чек-листа")
        verbose_name_plural = _("чек-лист")
        ordering = ["place", "pk"]

    def __str__(self) -> str:
        return self.text


class Review(models.Model):
    """What one manager thinks of one recording. A draft is kept as it is typed."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Черновик")
        DONE = "done", _("Проверен")
        SKIPPED = "skipped", _("Пропущен")

    recording = models.ForeignKey(Recording, on_delete=models.CASCADE, related_name="reviews")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reviews"
    )
    state = models.CharField(max_length=7, choices=State, default=State.DRAFT)
    mark = models.PositiveSmallIntegerField(
        null=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    # {"<id of the line>": "yes" | "no" | "na"}; a line without an answer is not here
    answers = models.JSONField(default=dict)
    score = models.PositiveSmallIntegerField(null=True)  # per cent of the weights answered «yes»
    revision = models.PositiveIntegerField(default=0)  # so that an old page cannot overwrite
    changed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # done or skipped

    class Meta:
        verbose_name = _("проверка")
        verbose_name_plural = _("проверки")
        constraints = [
            models.UniqueConstraint(fields=["recording", "reviewer"], name="one_review_of_each"),
        ]
        indexes = [
            models.Index(fields=["reviewer", "-ended_at"], name="review_reviewer"),
            models.Index(fields=["state", "-ended_at"], name="review_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.recording_id}: {self.mark}"


class RecordingComment(models.Model):
    """A remark, at a moment of the recording or about the whole of it."""

    recording = models.ForeignKey(Recording, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    second = models.DecimalField(max_digits=8, decimal_places=1, null=True)  # None: the whole
    text = models.CharField(max_length=1000)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("комментарий")
        verbose_name_plural = _("комментарии")
        ordering = ["second", "pk"]

    def __str__(self) -> str:
        return self.text[:60]


class FollowUp(models.Model):
    """«Needs action»: something an operator is asked to do about a call, by a day."""

    recording = models.ForeignKey(Recording, on_delete=models.CASCADE, related_name="follow_ups")
    text = models.CharField(_("что сделать"), max_length=500)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="follow_ups"
    )
    due = models.DateField(_("срок"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("задача")
        verbose_name_plural = _("задачи")
        default_permissions = ("change",)
        indexes = [models.Index(fields=["assignee", "done_at", "due"], name="follow_up_open")]

    def __str__(self) -> str:
        return self.text[:60]
