"""Files on their way into lists: upload, what is in the columns, and how far it is."""

from contextlib import suppress
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from calls import arrivals, tasks
from calls.forms.imports import ColumnsForm, ReadingForm, UploadForm
from calls.models import ContactList, ListImport
from calls.services import importing, lists
from obzvon_site.common.htmx import go_to, part, polled
from obzvon_site.common.http import Request, row_id
from obzvon_site.common.uploads import passed_over

UPLOAD = "calls/contacts/upload.html"
MAPPING = "calls/contacts/mapping.html"
PROGRESS = "calls/contacts/import.html"


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("calls.add_contactlist", raise_exception=True)
def upload(request: Request) -> HttpResponseBase:
    """Take a file for a new list or for an old one; nobody becomes a contact yet."""
    asked = ContactList.objects.shown().filter(pk=row_id(request.GET.get("list")) or 0).first()
    form = UploadForm(request.POST or None, request.FILES or None, initial={"contact_list": asked})
    try:
        importing.check_size(passed_over(request))
        if form.is_valid():
            return go_to(request, _received(request, form).get_absolute_url())
    except importing.NotAList as error:
        form.errors["file"] = form.error_class([str(error)])
    most = settings.LIST_MEGABYTES
    too_big = _("Файл больше %d МБ. Разделите его на части или уберите лишние столбцы.")
    context = {
        "form": form,
        "max_bytes": most * 1024**2,
        "max_megabytes": most,
        "too_big": too_big % most,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, part(request, UPLOAD, "form"), context, status=status)


def _received(request: Request, form: UploadForm) -> ListImport:
    data = form.cleaned_data
    file, owner, now = data["file"], data["contact_list"], timezone.now()
    imported = importing.receive(
        file, name=file.name or "", actor=request.user, now=now, contact_list=owner
    )
    made = imported.contact_list
    if owner is None and data["name"] and data["name"] != made.name:
        lists.change(made, name=data["name"], tags=made.tag_list, actor=request.user)
    return imported


@require_GET
@login_required
@permission_required("calls.view_contactlist", raise_exception=True)
def page(request: Request, import_id: int) -> HttpResponse:
    """What is in the columns, until it is started; then how far it is."""
    imported = import_or_404(import_id)
    is_setting = imported.state == ListImport.State.UPLOADED
    if is_setting and request.user.has_perm("calls.add_contactlist"):
        return _mapping_page(request, imported, ColumnsForm.of(imported))
    return render(request, PROGRESS, _progress(imported))


@require_POST
@login_required
@permission_required("calls.add_contactlist", raise_exception=True)
def preview(request: Request, import_id: int) -> HttpResponseBase:
    """Read the file as it is now said to be, and show what comes of it."""
    imported = import_or_404(import_id)
    reading = ReadingForm(imported, request.POST)
    form, problem = ColumnsForm.of(imported, request.POST), ""
    try:
        if reading.is_valid() and reading.has_changed():
            importing.reread(imported, **reading.cleaned_data)
            form = form.guessed_anew(imported)
    except importing.NotAList as error:
        problem = str(error)
    except importing.TooLate:
        imported.refresh_from_db()
    if imported.state != ListImport.State.UPLOADED:
        return go_to(request, imported.get_absolute_url())
    return _mapping_page(request, imported, form, reading=reading, problem=problem)


@require_POST
@login_required
@permission_required("calls.add_contactlist", raise_exception=True)
def start(request: Request, import_id: int) -> HttpResponseBase:
    """Let the rows become contacts. A second press finds it running."""
    imported = import_or_404(import_id)
    form = ColumnsForm.of(imported, request.POST)
    is_setting = imported.state == ListImport.State.UPLOADED
    if is_setting and not form.is_valid():
        return _mapping_page(request, imported, form, status=422)
    try:
        if is_setting:
            mapping, common = form.mapping(), form.common()
            now = timezone.now()
            importing.start(imported, mapping=mapping, common=common, actor=request.user, now=now)
    except importing.TooLate:
        is_setting = False
    if not is_setting:
        messages.info(request, _("Этот файл уже загружают или отменили."))
    tasks.import_lists.enqueue()
    return redirect(imported)


@require_POST
@login_required
@permission_required("calls.add_contactlist", raise_exception=True)
def cancel(request: Request, import_id: int) -> HttpResponseBase:
    """Stop reading; who is a contact already stays one. An empty list of its own goes too."""
    imported = import_or_404(import_id)
    try:
        importing.cancel(imported, actor=request.user, now=timezone.now())
    except importing.TooLate:
        messages.info(request, _("Загрузка уже закончилась."))
        return redirect(imported)
    if not was_made_for(imported):
        return redirect(imported)
    with suppress(lists.InUse, lists.Removed):
        lists.remove(imported.contact_list, actor=request.user, now=timezone.now())
    messages.success(request, _("Файл не загружен."))
    return redirect("calls:contacts")


@require_POST
@login_required
@permission_required("calls.add_contactlist", raise_exception=True)
def retry(request: Request, import_id: int) -> HttpResponseBase:
    """Go on with a failed import from the row where it stopped."""
    imported = import_or_404(import_id)
    try:
        importing.resume(imported, actor=request.user, now=timezone.now())
    except importing.TooLate:
        messages.info(request, _("Загрузка уже идёт или закончилась."))
    tasks.import_lists.enqueue()
    return redirect(imported)


@require_GET
@login_required
@permission_required("calls.view_contactlist", raise_exception=True)
@polled
def progress(request: Request, import_id: int) -> HttpResponse:
    """How far it is."""
    return render(request, f"{PROGRESS}#progress", _progress(import_or_404(import_id)))


def import_or_404(import_id: int) -> ListImport:
    """An import into a list that nobody has removed."""
    shown = ListImport.objects.filter(contact_list__removed_at=None)
    return get_object_or_404(shown.select_related("contact_list"), pk=import_id)


def was_made_for(imported: ListImport) -> bool:
    """Whether the list is empty, and came with this file alone."""
    owner = ContactList.objects.get(pk=imported.contact_list_id)
    others = owner.imports.exclude(pk=imported.pk)
    return not owner.total and owner.used_at is None and not others.exists()


def _progress(imported: ListImport) -> dict[str, object]:
    return {"import": imported, "told": arrivals.told(imported, now=timezone.now())}


def _mapping_page(
    request: Request,
    imported: ListImport,
    form: ColumnsForm,
    *,
    reading: ReadingForm | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    form.is_valid()
    looked = None if problem else arrivals.look(imported, form.mapping(), form.common())
    context: dict[str, Any] = {
        "import": imported,
        "same": importing.same_file(imported),
        "form": form,
        "columns": form.columns(looked.samples) if looked else (),
        "reading": reading or ReadingForm(imported),
        "look": looked,
        "problem": problem,
        "is_quiet": reading is not None,
    }
    return render(request, part(request, MAPPING, "preview"), context, status=status)
