"""Links to one recording: made and ended by those who may, opened by anybody who has one."""

from typing import TypeVar

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
    require_safe,
)

from calls.forms.shares import ShareForm
from calls.models import Recording, RecordingShare
from calls.services import listening, sharing
from obzvon_site.common.http import Request
from obzvon_site.common.streaming import HANDED_OVER, in_ranges

PAGE = "calls/shares/list.html"
PUBLIC = "calls/shares/public.html"
ENDED = "calls/shares/ended.html"
Answer = TypeVar("Answer", bound=HttpResponseBase)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
@permission_required("calls.share_recording", raise_exception=True)
def index(request: Request, call_id: int) -> HttpResponseBase:
    """The links to one recording; a new one is shown once."""
    rows = Recording.objects.select_related("call__campaign")
    recording = get_object_or_404(rows, call_id=call_id)
    form = ShareForm(request.POST or None)
    is_gone = listening.is_gone(recording)
    if request.method == "POST" and form.is_valid() and not is_gone:
        return _share(request, recording, form.cleaned_data["days"])
    context = {
        "recording": recording,
        "form": form,
        "link": request.session.pop(_kept_as(recording), ""),
        "shares": recording.shares.select_related("created_by").order_by("-pk"),
        "now": timezone.now(),
        "is_gone": is_gone,
    }
    return render(request, PAGE, context, status=422 if form.is_bound else 200)


@require_POST
@login_required
@permission_required("calls.share_recording", raise_exception=True)
def revoke(request: Request, share_id: int) -> HttpResponseBase:
    """End a link now."""
    found = get_object_or_404(RecordingShare.objects.select_related("recording__call"), pk=share_id)
    if sharing.revoke(found, actor=request.user, now=timezone.now()):
        messages.success(request, _("Ссылка больше не открывается."))
    return redirect(_page_of(found.recording))


@require_safe
@never_cache
def public(request: Request, token: str) -> HttpResponse:
    """What somebody with a link sees: when, how long, and the sound."""
    found = sharing.find(token, now=timezone.now())
    if found is None:
        return _quiet(render(request, ENDED, status=404))
    if request.method == "GET":  # previews of messengers ask for the head alone
        sharing.note_opening(found, now=timezone.now())
    is_gone = listening.is_gone(found.recording)
    context = {"share": found, "recording": found.recording, "token": token, "is_gone": is_gone}
    return _quiet(render(request, PUBLIC, context))


@require_GET
@never_cache
def sound(request: Request, token: str) -> HttpResponseBase:
    """The sound behind a link, as long as the link opens."""
    found = sharing.find(token, now=timezone.now())
    if found is None:
        raise Http404
    try:
        source = listening.source(found.recording)
        answer = in_ranges(request, source, found.recording.content_type)
    except OSError as error:
        raise Http404 from error
    answer["Cache-Control"] = "private, no-store"
    if answer.status_code in HANDED_OVER:
        sharing.note_listening(found, now=timezone.now())
    return _quiet(answer)


def _share(request: Request, recording: Recording, days: int) -> HttpResponseBase:
    try:
        made = sharing.share(recording, days=days, actor=request.user, now=timezone.now())
    except sharing.NotKept:
        messages.error(request, _("Записи у нас нет, делиться нечем."))
        return redirect(_page_of(recording))
    path = reverse("calls:shared", args=[made.token])
    request.session[_kept_as(recording)] = request.build_absolute_uri(path)
    return redirect(_page_of(recording))


def _page_of(recording: Recording) -> str:
    return reverse("calls:recording-shares", args=[recording.call_id])


def _kept_as(recording: Recording) -> str:
    return f"share-{recording.pk}"


def _quiet(answer: Answer) -> Answer:
    """No search engine remembers it, and no other site is told the address."""
    answer["X-Robots-Tag"] = "noindex, nofollow"
    answer["Referrer-Policy"] = "no-referrer"
    return answer
