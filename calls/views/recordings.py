"""One recording: its sound, its picture, the file for whoever may have it, another try."""

from typing import NoReturn

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import Http404, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from calls.models import Call, Recording
from calls.review_export import file_name
from calls.services import listening, recordings
from calls.tasks import fetch_recordings
from obzvon_site.common.http import Request
from obzvon_site.common.streaming import HANDED_OVER, in_ranges

NOTHING_NEW = 304


@require_GET
@login_required
@permission_required("calls.listen_recording", raise_exception=True)
def sound(request: Request, call_id: int) -> HttpResponseBase:
    """The recording, through us; the browser never learns where the service keeps it.

    It asks each time whether its copy still holds, so that listening to that one is told too.
    """
    found = _kept(call_id)
    answer = _handed(request, found)
    answer["Cache-Control"] = "private, no-cache"
    if answer.status_code in (*HANDED_OVER, NOTHING_NEW):
        listening.note_listening(found, request.user, now=timezone.now())
    return answer


@require_GET
@login_required
@permission_required("calls.download_recording", raise_exception=True)
def download(request: Request, call_id: int) -> HttpResponseBase:
    """The same as a file to keep."""
    found = _kept(call_id)
    answer = _handed(request, found)
    answer["Content-Disposition"] = f'attachment; filename="{file_name(found)}"'
    answer["Cache-Control"] = "private, no-store"  # so that each time is told to the audit log
    if answer.status_code in HANDED_OVER:
        listening.tell(request.user, "recording.downloaded", found)
    return answer


@require_GET
@login_required
@permission_required("calls.listen_recording", raise_exception=True)
def peaks(request: Request, call_id: int) -> HttpResponse:
    """How loud it is over its time, for the player's picture."""
    rows = Recording.objects.kept().only("pk", "seconds", "peaks", "sha256")
    found = get_object_or_404(rows, call_id=call_id)
    etag = f'"{found.sha256[:32]}-{found.pk}"'
    if etag in request.headers.get("If-None-Match", ""):
        answer = HttpResponse(status=NOTHING_NEW)
    else:
        seconds = None if found.seconds is None else float(found.seconds)
        answer = JsonResponse({"seconds": seconds, "peaks": list(found.peaks or b"")})
    answer["ETag"] = etag
    answer["Cache-Control"] = "private, max-age=86400"
    return answer


@require_POST
@login_required
@permission_required("calls.review_recording", raise_exception=True)
def retry(request: Request, call_id: int) -> HttpResponseBase:
    """Fetch once more what was given up."""
    call = get_object_or_404(Call.objects.select_related("campaign__account"), pk=call_id)
    if recordings.ask_again(call, now=timezone.now()):
        fetch_recordings.enqueue()
        messages.success(request, _("Попробуем ещё раз: если запись получится, она появится сама."))
    else:
        messages.error(request, _("Эту запись скачать неоткуда."))
    return redirect(call)


def _kept(call_id: int) -> Recording:
    rows = Recording.objects.kept().select_related("call", "campaign")
    found = rows.filter(call_id=call_id).defer("peaks", "words").first()
    if found is None:
        raise Http404(_("Записи нет"))
    return found


def _handed(request: Request, found: Recording) -> HttpResponseBase:
    try:
        source = listening.source(found)
        return in_ranges(request, source, found.content_type, tag=found.sha256)
    except FileNotFoundError:
        _gone()


def _gone() -> NoReturn:
    raise Http404(_("Файл записи пропал из хранилища."))
