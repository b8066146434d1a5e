"""The text of a recording: asked for, waited for, read."""

from contextlib import suppress
from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from calls.models import Recording, Transcript
from calls.services import transcribing
from obzvon_site.common.htmx import polled
from obzvon_site.common.http import Request

PART = "calls/calls/_transcript.html"


@require_GET
@login_required
@permission_required("calls.listen_recording", raise_exception=True)
@polled
def show(request: Request, call_id: int) -> HttpResponse:
    """The text, or how it stands with it."""
    return render(request, PART, context_of(_kept(call_id)))


@require_POST
@login_required
@permission_required("calls.listen_recording", raise_exception=True)
def ask(request: Request, call_id: int) -> HttpResponseBase:
    """Have the recording listened to."""
    recording = _kept(call_id)
    with suppress(transcribing.NoEngine):  # the part says what is missing
        transcribing.ask(recording, now=timezone.now())
    if request.htmx:
        return render(request, PART, context_of(recording))
    return redirect(recording)


def context_of(recording: Recording | None) -> dict[str, Any]:
    """What the part shows."""
    found = None
    if recording is not None:
        found = Transcript.objects.filter(recording=recording).first()
    waits = found is not None and found.state == Transcript.State.WAITING
    return {
        "recording": recording,
        "transcript": found,
        "transcript_poll": 5 if waits else None,
        "transcript_missing": transcribing.missing() if found is None else "",
    }


def _kept(call_id: int) -> Recording:
    return get_object_or_404(Recording.objects.kept(), call_id=call_id)
