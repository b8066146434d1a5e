"""Rows of a file that gave no contact: look at them, correct them, take them away."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from calls import bad_rows
from calls.forms.imports import MendForm
from calls.models import BadRow, ListImport
from calls.services import importing
from calls.services.imports.columns import Mapping
from calls.views.imports import import_or_404
from obzvon_site.common.http import Request
from obzvon_site.common.paging import Page, page_of
from obzvon_site.common.sheets import as_csv

PAGE = "calls/contacts/bad.html"
ROW = "calls/contacts/_mended.html"


@dataclass(frozen=True)
class Line:
    """A row as the page shows it."""

    row: BadRow
    reason: str
    tone: str
    form: MendForm | None  # None: it is a contact now
    cells: list[tuple[str, str]]  # title and text, without those in the form


@require_GET
@login_required
@permission_required("calls.view_contactlist", raise_exception=True)
def index(request: Request, import_id: int) -> HttpResponse:
    """Rows with errors in the order of the file, all or of one reason."""
    return _page(request, import_or_404(import_id))


@require_safe
@login_required
@permission_required("calls.view_contactlist", raise_exception=True)
def download(request: Request, import_id: int) -> HttpResponseBase:  # noqa: ARG001
    """What is left, as a file that may be corrected and uploaded again."""
    imported = import_or_404(import_id)
    name = _("Ошибки — %s") % imported.contact_list.name
    response = StreamingHttpResponse(
        as_csv(bad_rows.table(imported)), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = content_disposition_header(True, f"{name}.csv") or ""
    return response


@require_POST
@login_required
@permission_required("calls.change_contactlist", raise_exception=True)
def mend(request: Request, row_id: int) -> HttpResponseBase:
    """Make a contact of a corrected row, or say what is still wrong with it."""
    rows = BadRow.objects.filter(source__contact_list__removed_at=None)
    row = get_object_or_404(rows.select_related("source__contact_list"), pk=row_id)
    imported = row.source
    form = MendForm(row, Mapping.from_json(imported.mapping), imported.columns, request.POST)
    if form.is_valid():
        try:
            importing.mend(row, cells=form.cells(), actor=request.user, now=timezone.now())
        except importing.NotMended as error:
            form.complain(str(error))
        except importing.TooLate:
            row.refresh_from_db()
    if request.htmx:
        context = {"line": line_of(row, imported, form), "tally": bad_rows.tally(imported)}
        return render(request, ROW, context, status=422 if form.errors else 200)
    if form.errors:
        return _page(request, imported, form)
    messages.success(request, _("Строка %d исправлена: контакт в списке.") % row.line)
    return redirect(reverse("calls:contact-import-bad", args=[imported.pk]))


def line_of(row: BadRow, imported: ListImport, form: MendForm | None = None) -> Line:
    """A row with its form, unless it has been corrected."""
    mapping = Mapping.from_json(imported.mapping)
    wanted = form or MendForm(row, mapping, imported.columns)
    form = wanted if row.mended_at is None else None
    shown = set(form.places) if form else set()
    titles = imported.columns or [_("Номер")]
    cells = [
        (title, bad_rows.cell(row.cells, at)) for at, title in enumerate(titles) if at not in shown
    ]
    tone = "neutral" if row.reason in bad_rows.REPEATS else "bad"
    return Line(row, bad_rows.explained(row, mapping), tone, form, cells)


def _page(request: Request, imported: ListImport, wrong: MendForm | None = None) -> HttpResponse:
    reason = request.GET.get("reason", "")
    rows: Page[BadRow] = page_of(
        bad_rows.rows(imported, reason), request.GET.get("after"), key=("line", "id")
    )
    kept = {wrong.row.pk: wrong} if wrong else {}
    shown = [*(form.row for form in kept.values() if form.row not in rows.rows), *rows.rows]
    context = {
        "import": imported,
        "reason": reason,
        "reasons": bad_rows.reasons(imported),
        "tally": bad_rows.tally(imported),
        "page": rows,
        "lines": [line_of(row, imported, kept.get(row.pk)) for row in shown],
    }
    return render(request, PAGE, context, status=422 if wrong else 200)
