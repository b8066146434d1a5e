"""Contact lists: whom campaigns call, and the files they came from."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ContactListQuerySet(models.QuerySet["ContactList"]):
    def shown(self) -> Self:
        """Those that nobody has removed."""
        return self.filter(removed_at=None)

    def tagged(self, tag: str) -> Self:
        """Those that bear ``tag``."""
        return self.filter(tags__contains=f"|{tag}|")


class ContactList(models.Model):
    """A named list. Its counters are kept by what adds and removes contacts."""

    name = models.CharField(_("название"), max_length=120)
    tags = models.CharField(max_length=300, blank=True)  # «|должники|ноябрь|», see ``tag_list``
    # name of a variable → {"filled": in how many rows, "longest": characters}
    variables = models.JSONField(default=dict)
    total = models.PositiveIntegerField(default=0)
    without_zone = models.PositiveIntegerField(default=0)  # the strictest hours hold for these
    without_consent = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True)  # when a campaign was last launched on it
    removed_at = models.DateTimeField(null=True)  # its contacts are being deleted, bit by bit

    objects = ContactListQuerySet.as_manager()

    class Meta:
        verbose_name = _("список контактов")
        verbose_name_plural = _("списки контактов")
        indexes = [models.Index(fields=["-created_at", "-id"], name="list_newest")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("calls:contact-list", args=[self.pk])

    @property
    def tag_list(self) -> list[str]:
        return [tag for tag in self.tags.split("|") if tag]

    @staticmethod
    def joined(tags: list[str]) -> str:
        """Tags as the column keeps them: each between bars, so that one can be searched for."""
        return f"|{'|'.join(tags)}|" if tags else ""


class Contact(models.Model):
    """A person of a list. One phone stands in a list once."""

    contact_list = models.ForeignKey(
        ContactList, on_delete=models.CASCADE, related_name="contacts", db_index=False
    )
    phone = models.CharField(_("номер"), max_length=11)  # 11 digits
    name = models.CharField(_("имя"), max_length=200, blank=True)
    variables = models.JSONField(default=dict)  # name → text, as it came
    zone = models.CharField(max_length=40, blank=True)  # of tz database; empty: nobody knows
    consent_on = models.DateField(null=True)
    consent_source = models.CharField(max_length=120, blank=True)
    consent_document = models.CharField(max_length=200, blank=True)
    line = models.PositiveIntegerField(default=0)  # of the file it came from; 0: typed or pasted

    class Meta:
        verbose_name = _("контакт")
        verbose_name_plural = _("контакты")
        constraints = [
            # The phone first: the same index finds a person in all lists.
            models.UniqueConstraint(fields=["phone", "contact_list"], name="contact_once_per_list"),
        ]
        indexes = [models.Index(fields=["contact_list", "id"], name="contact_of_list")]

    def __str__(self) -> str:
        return self.phone


class ListImportQuerySet(models.QuerySet["ListImport"]):
    def to_run(self, now: datetime) -> Self:
        """Started and not finished, and in nobody's hands: a killed worker's lease has run out."""
        free = Q(lease_until=None) | Q(lease_until__lt=now)
        return self.filter(free, state=ListImport.State.RUNNING).order_by("pk")


class ListImport(models.Model):
    """A file on its way into a list: uploaded → running → done, failed or canceled.

    ``cursor`` and the counters are written in the transaction that wrote the rows, so a worker
    that was killed is followed by one that goes on where it stopped.
    """

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("Ждёт настройки столбцов")
        RUNNING = "running", _("Загружаем")
        DONE = "done", _("Загружен")
        FAILED = "failed", _("Не загружен")
        CANCELED = "canceled", _("Отменён")

    class Format(models.TextChoices):
        CSV = "csv", "CSV"
        XLSX = "xlsx", "XLSX"
        XLS = "xls", "XLS"
        ODS = "ods", "ODS"
        PASTE = "paste", _("Вставленные номера")

    contact_list = models.ForeignKey(ContactList, on_delete=models.CASCADE, related_name="imports")
    file = models.FileField(upload_to="imports/%Y/%m/")
    file_name = models.CharField(max_length=200)  # as the person called it
    size = models.PositiveBigIntegerField(default=0)  # bytes
    sha256 = models.CharField(max_length=64)
    format = models.CharField(max_length=5, choices=Format)
    encoding = models.CharField(max_length=20, blank=True)
    separator = models.CharField(max_length=1, blank=True)
    has_header = models.BooleanField(default=True)
    sheet = models.CharField(max_length=100, blank=True)
    sheets = models.JSONField(default=list)  # names of all sheets of a spreadsheet
    # What is read instead of ``file`` where that can not be read line by line: the chosen sheet
    # of a spreadsheet, or a text in UTF-16, as UTF-8.
    table = models.FileField(upload_to="imports/%Y/%m/", blank=True)
    columns = models.JSONField(default=list)  # titles, in the order of the file
    # Which column holds what, counted from 0: «phone», «name», «zone», «consent_on»,
    # «consent_source», «consent_document», each a number or None, and «variables»: {name: number}
    mapping = models.JSONField(default=dict)
    # For rows that say nothing of their own: «zone», «consent_on» (ISO), «consent_source», …
    common = models.JSONField(default=dict)

    state = models.CharField(max_length=8, choices=State, default=State.UPLOADED)
    after = models.BigIntegerField(
        default=0
    )  # the list's contacts with larger keys are this file's
    length = models.PositiveBigIntegerField(default=0)  # bytes to read
    cursor = models.PositiveBigIntegerField(default=0)  # of them read, and all their rows placed
    placed = models.PositiveIntegerField(default=0)  # rows of what follows the cursor
    line = models.PositiveIntegerField(default=0)  # the last line read
    rows = models.PositiveIntegerField(default=0)  # read, without the header and empty lines
    added = models.PositiveIntegerField(default=0)
    bad = models.PositiveIntegerField(default=0)
    repeats = models.PositiveIntegerField(default=0)  # in the file, or in the list already
    blocked = models.PositiveIntegerField(default=0)  # of the added: in the blacklist at the end
    lately = models.PositiveIntegerField(default=0)  # of the added: called in the last days
    lease = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True)
    error = models.TextField(blank=True)  # for people
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = ListImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("загрузка списка")
        verbose_name_plural = _("загрузки списков")
        indexes = [
            models.Index(fields=["sha256"], name="import_file"),
            models.Index(fields=["state", "lease_until"], name="import_turn"),
        ]

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse("calls:contact-import", args=[self.pk])

    @property
    def is_over(self) -> bool:
        return self.state in {self.State.DONE, self.State.FAILED, self.State.CANCELED}

    @property
    def share(self) -> float:
        """How much of it has been read: 0 to 1."""
        before = self.rows - self.placed
        a_row = self.cursor / before if before > 0 else 60  # bytes, about
        return min(1.0, (self.cursor + self.placed * a_row) / self.length) if self.length else 0.0

    @property
    def poll_seconds(self) -> int | None:
        """How often a page should ask again; None: never."""
        return 2 if self.state == self.State.RUNNING else None


class BadRow(models.Model):
    """A row of a file that gave no contact, with its line, what stood in it, and why."""

    class Reason(models.TextChoices):
        EMPTY = "empty", _("Нет номера")
        SIGNS = "signs", _("В номере лишние знаки")
        COUNT = "count", _("В номере не 11 цифр")
        START = "start", _("Номер не начинается с +7 или 8")
        ZONE = "zone", _("Часовой пояс не распознан")
        DATE = "date", _("Дата согласия не распознана")
        REPEAT = "repeat", _("Номер повторяется")
        IN_LIST = "in_list", _("Номер уже есть в списке")
        LONG = "long", _("Слишком длинное значение")

    source = models.ForeignKey(
        ListImport, on_delete=models.CASCADE, related_name="bad_rows", db_index=False
    )
    line = models.PositiveIntegerField()
    reason = models.CharField(max_length=8, choices=Reason)
    cells = models.JSONField(default=list)  # texts of the row, in the order of the columns
    first_line = models.PositiveIntegerField(null=True)  # where a repeated number stood first
    mended_at = models.DateTimeField(null=True)  # corrected on the page: it is a contact now

    class Meta:
        verbose_name = _("строка с ошибкой")
        verbose_name_plural = _("строки с ошибками")
        indexes = [models.Index(fields=["source", "line", "id"], name="bad_row_line")]

    def __str__(self) -> str:
        return f"{self.line}: {self.reason}"
