"""The library of records: list, upload, speech, one record, its sound."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    conditional_page,
    require_GET,
    require_http_methods,
    require_POST,
    require_safe,
)

from obzvon_site.accounts.models import ApiAccount
from obzvon_site.common.htmx import part
from obzvon_site.common.http import Request
from obzvon_site.common.paging import page_of
from obzvon_site.common.secrets import Unreadable
from obzvon_site.common.streaming import ranged
from obzvon_site.provider.errors import ProviderError
from records import services, tasks
from records.audio import NotAudio
from records.forms import LibraryFilter, NameForm, SpeakForm, UploadForm
from records.models import Record

logger = logging.getLogger(__name__)

LIST, PAGE, STATE = "records/list.html", "records/record.html", "records/_state.html"
UPLOAD, SPEAK = "records/upload.html", "records/speak.html"


@require_GET
@login_required
@permission_required("records.view_record", raise_exception=True)
def index(request: Request) -> HttpResponse:
    return render(request, LIST, _library(request))


@require_GET
@conditional_page
@login_required
@permission_required("records.view_record", raise_exception=True)
def rows(request: Request) -> HttpResponse:
    return render(request, f"{LIST}#rows", _library(request))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("records.add_record", raise_exception=True)
def upload(request: Request) -> HttpResponseBase:
    form = UploadForm(request.POST or None, request.FILES or None)
    if not form.is_valid():
        return _upload_page(request, form, status=422 if request.method == "POST" else 200)
    account = form.cleaned_data["account"]
    results = [_taken(request, account, file) for file in form.chosen()]
    tasks.send_records.enqueue()
    has_problems = any(result.problem for result in results)
    if not has_problems and not request.htmx:
        messages.success(request, _("Загружено. Ролики уходят в сервис."))
        return redirect("records:list")
    fresh = UploadForm(initial={"account": account})
    return _upload_page(request, fresh, results, status=422 if has_problems else 200)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one uploaded file."""

    file_name: str
    record: Record | None = None
    problem: str = ""


def _upload_page(
    request: Request, form: UploadForm, results: Sequence[Result] = (), *, status: int
) -> HttpResponse:
    context = {
        "form": form,
        "results": results,
        "max_bytes": settings.UPLOAD_MEGABYTES * 1024**2,
        "max_megabytes": settings.UPLOAD_MEGABYTES,
        "max_minutes": settings.UPLOAD_MINUTES,
    }
    return render(request, part(request, UPLOAD, "results"), context, status=status)


def _taken(request: Request, account: ApiAccount, file: UploadedFile) -> Result:  # type: ignore[type-arg]
    """Keep one file; its trouble is its own."""
    name = file.name or ""
    try:
        record = services.upload(account, file, file_name=name, actor=request.user)
    except NotAudio as error:
        return Result(name, problem=str(error))
    except services.AlreadyThere as error:
        return Result(name, error.record, _("Такой файл уже есть: «%s».") % error.record)
    except OSError:
        logger.exception("an uploaded file cannot be kept")
        return Result(name, problem=_("Файл не сохранился: на сервере нет места. Повторите позже."))
    return Result(name, record)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("records.add_record", raise_exception=True)
def speak(request: Request) -> HttpResponseBase:
    form = SpeakForm(request.POST or None)
    if form.is_valid():
        record = services.speak(**form.cleaned_data, actor=request.user)
        tasks.send_records.enqueue()
        messages.success(request, _("Текст уходит в сервис на озвучивание."))
        return redirect(record)
    return render(request, SPEAK, {"form": form}, status=422 if form.is_bound else 200)


@require_GET
@login_required
@permission_required("records.view_record", raise_exception=True)
def record(request: Request, record_id: int) -> HttpResponseBase:
    found = get_object_or_404(_shown(), pk=record_id)
    return render(request, PAGE, _card(found))


@require_GET
@conditional_page
@login_required
@permission_required("records.view_record", raise_exception=True)
def state(request: Request, record_id: int) -> HttpResponse:
    found = get_object_or_404(_shown(), pk=record_id)
    return render(request, STATE, _card(found))


@require_safe
@login_required
@permission_required("records.view_record", raise_exception=True)
def sound(request: Request, record_id: int) -> HttpResponseBase:
    found = get_object_or_404(_shown(), pk=record_id)
    try:
        file = services.open_sound(found)
    except services.NoSound:
        return HttpResponse(status=404)
    except (ProviderError, Unreadable, NotAudio) as error:
        logger.warning("the sound of record %s: %s", record_id, error)
        return HttpResponse(status=503, headers={"Retry-After": "10"})
    return ranged(request, file, found.content_type)


@require_POST
@login_required
@permission_required("records.change_record", raise_exception=True)
def rename(request: Request, record_id: int) -> HttpResponseBase:
    found = get_object_or_404(_shown(), pk=record_id)
    form = NameForm(request.POST)
    if form.is_valid():
        try:
            services.rename(found, form.cleaned_data["name"], actor=request.user)
            messages.success(request, _("Название изменено."))
            return redirect(found)
        except services.TooLate:
            form.add_error("name", _("Ролик сейчас отправляется. Переименуйте его чуть позже."))
    return render(request, PAGE, _card(found, form), status=422)


@require_POST
@login_required
@permission_required("records.change_record", raise_exception=True)
def retry(request: Request, record_id: int) -> HttpResponseBase:
    found = get_object_or_404(_shown(), pk=record_id)
    try:
        services.retry(found, actor=request.user)
    except services.TooLate:
        messages.info(request, _("Ролик уже отправлен ещё раз."))
    tasks.send_records.enqueue()
    return redirect(found)


@require_POST
@login_required
@permission_required("records.delete_record", raise_exception=True)
def remove(request: Request, record_id: int) -> HttpResponseBase:
    found = get_object_or_404(_shown(), pk=record_id)
    try:
        services.remove(found, actor=request.user, now=timezone.now())
    except services.InUse as error:
        said = _("Ролик играет в обзвоне «%s». Дождитесь его конца или остановите обзвон.")
        messages.error(request, said % error.names[0])
        return redirect(found)
    except services.TooLate:
        messages.error(request, _("Ролик сейчас отправляется. Удалите его чуть позже."))
        return redirect(found)
    tasks.send_records.enqueue()
    messages.success(request, _("«%s» удаляется.") % found)
    return redirect("records:list")


def _shown() -> QuerySet[Record]:
    return Record.objects.kept().select_related("account", "created_by")


def _library(request: Request) -> dict[str, object]:
    form = LibraryFilter(request.GET)
    page = page_of(form.chosen(), request.GET.get("after"), size=50)
    polls = [row.poll_seconds for row in page.rows if row.poll_seconds]
    return {
        "form": form,
        "page": page,
        "poll_seconds": min(polls, default=None),
        "has_unapproved": any(row.is_on_moderation for row in page.rows),
    }


def _card(found: Record, form: NameForm | None = None) -> dict[str, object]:
    return {
        "record": found,
        "campaigns": services.users_of(found),
        "form": form or NameForm(initial={"name": found.name}),
        "is_renaming": form is not None,
    }
