"""The review queue: one recording at a time, held, heard, marked, and the next one."""

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from calls.forms.review import CommentForm, QueueForm, SkipForm, WorkForm
from calls.models import Recording, Review
from calls.review_work import Work
from calls.services import reviewing
from calls.services.review_queue import shown, waiting
from obzvon_site.common.htmx import polled
from obzvon_site.common.http import Request, row_id
from obzvon_site.common.paging import capped_count

PAGE = "calls/review/page.html"
WORK = "calls/review/_work.html"
QUEUE = "calls/review/_queue.html"
SHOWN = 8  # of the queue


@require_GET
@login_required
@permission_required("calls.review_recording", raise_exception=True)
def index(request: Request) -> HttpResponse:
    """The first of the queue; it is this person's from now on."""
    form, now = QueueForm(request.GET), timezone.now()
    found = reviewing.take_next(request.user, form.filters(now), now=now)
    return _page(request, form, Work(found, request.user) if found else None)


@require_GET
@login_required
@permission_required("calls.review_recording", raise_exception=True)
def one(request: Request, recording_id: int) -> HttpResponse:
    """A chosen one: a draft of one's own, a second opinion, or a review of one's own to look at."""
    found = get_object_or_404(Recording, pk=recording_id)
    now, form, work = timezone.now(), QueueForm(request.GET), Work(found, request.user)
    if not work.is_ended and not reviewing.take(request.user, found.pk, now=now, is_second=None):
        work.lost = str(reviewing.lost(found.pk, now=now))
    found.refresh_from_db()
    if found.state != Recording.State.KEPT:
        work.lost = _("Этой записи больше нет.")
    return _page(request, form, work)


@require_GET
@login_required
@permission_required("calls.review_recording", raise_exception=True)
@polled
def queue(request: Request) -> HttpResponse:
    """How many wait, and the first of them."""
    form = QueueForm(request.GET)
    return render(request, QUEUE, _queue(request, form))


@require_POST
@login_required
@permission_required("calls.review_recording", raise_exception=True)
def next_one(request: Request) -> HttpResponse:
    """The part of the page for the recording after ``besides``, held already; 204: no more."""
    form, now = QueueForm(request.GET), timezone.now()
    besides = [pk for pk in map(row_id, request.POST.getlist("besides")) if pk is not None]
    filters = form.filters(now)
    found = reviewing.take_next(request.user, filters, now=now, besides=besides)
    if found is None:
        return HttpResponse(status=204)
    work = Work(found, request.user)
    return render(request, WORK, {"work": work, "query": form.query})


@require_POST
@login_required
@permission_required("calls.review_recording", raise_exception=True)
def save(request: Request, recording_id: int) -> HttpResponse:
    """Keep the draft as it is typed."""
    get_object_or_404(Recording, pk=recording_id)
    form, now = WorkForm(request.POST), timezone.now()
    if not form.is_valid():
        return JsonResponse({"error": _("Этого сохранить нельзя.")}, status=422)
    try:
        saved = reviewing.save(
            request.user,
            recording_id,
            form.typed(),
            revision=form.cleaned_data["revision"],
            now=now,
        )
    except reviewing.Conflict as conflict:
        return _conflict(conflict)
    lost = "" if saved.leased_until else str(reviewing.lost(recording_id, now=now))
    said = {
        "revision": saved.review.revision,
        "score": saved.review.score,
        "at": time_format(timezone.localtime(now), "H:i"),
        "until": saved.leased_until.isoformat() if saved.leased_until else None,
        "lost": lost,
    }
    return JsonResponse(said)


@require_POST
@login_required
@permission_required("calls.review_recording", raise_exception=True)
def finish(request: Request, recording_id: int) -> HttpResponseBase:
    """Done with it: on to the next."""
    found = get_object_or_404(Recording, pk=recording_id)
    form, now = WorkForm(request.POST), timezone.now()
    if not form.is_valid():
        return _refused(request, recording_id, _("Этого сохранить нельзя."), 422)
    revision = form.cleaned_data["revision"]
    try:
        remark = _pending(request)
        reviewing.finish(
            request.user, found.pk, form.typed(), revision=revision, now=now, remark=remark
        )
    except reviewing.NotReady as error:
        return _refused(request, recording_id, str(error), 422)
    except reviewing.Lost as error:
        return _refused(request, recording_id, str(error), 409, is_lost=True)
    except reviewing.Conflict as conflict:
        if _wants_json(request):
            return _conflict(conflict)
        return _refused(request, recording_id, str(conflict), 409)
    return _onwards(request, _("Проверка сохранена."))


@require_POST
@login_required
@permission_required("calls.review_recording", raise_exception=True)
def skip(request: Request, recording_id: int) -> HttpResponseBase:
    """Not this one."""
    found, form = get_object_or_404(Recording, pk=recording_id), SkipForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    reviewing.skip(request.user, found.pk, reason=reason, now=timezone.now())
    return _onwards(request, _("Звонок пропущен."))


@require_POST
@login_required
@permission_required("calls.review_recording", raise_exception=True)
def undo(request: Request, recording_id: int) -> HttpResponseBase:
    """A review of one's own back to a draft."""
    get_object_or_404(Review, recording=recording_id, reviewer=request.user)
    try:
        reviewing.undo(request.user, recording_id, now=timezone.now())
    except reviewing.Lost as error:
        messages.error(request, str(error))
        return redirect(_home(request))
    return redirect(_to(request, recording_id))


@require_POST
@login_required
@permission_required("calls.review_recording", raise_exception=True)
def back(request: Request) -> HttpResponseBase:
    """To the last one that this person has ended, as a draft."""
    last = reviewing.last_of(request.user)
    if last is None:
        messages.info(request, _("Возвращаться некуда: вы ещё ничего не проверили."))
        return redirect(_home(request))
    return undo(request, last.recording_id)


@require_POST
@login_required
@permission_required("calls.review_recording", raise_exception=True)
def renew(request: Request, recording_id: int) -> HttpResponse:
    """The page is still open: hold it longer."""
    now = timezone.now()
    until = reviewing.renew(request.user, recording_id, now=now)
    if until is None:
        return JsonResponse({"lost": str(reviewing.lost(recording_id, now=now))}, status=409)
    return JsonResponse({"until": until.isoformat()})  # whole: it comes back with the release


@require_http_methods(["POST"])
@login_required
@permission_required("calls.review_recording", raise_exception=True)
def release(request: Request, recording_id: int) -> HttpResponse:
    """The page was left; a newer hold of the same person stays."""
    try:
        told = datetime.fromisoformat(request.POST.get("until", ""))
        until = told.astimezone(UTC) if timezone.is_aware(told) else None
    except (ValueError, OverflowError):  # no moment, or one beyond the calendar
        until = None
    if until is not None:
        reviewing.release(request.user, recording_id, until)
    return HttpResponse(status=204)


def _page(request: Request, form: QueueForm, work: Work | None) -> HttpResponse:
    current = work.recording.pk if work else None
    context = {
        "form": form,
        "work": work,
        "review_keys": True,
        **_queue(request, form, current),
    }
    return render(request, PAGE, context)


def _queue(request: Request, form: QueueForm, current: int | None = None) -> dict[str, Any]:
    now = timezone.now()
    filters = form.filters(now)
    number, is_more = capped_count(waiting(request.user, filters))
    done = Review.objects.filter(reviewer=request.user, state=Review.State.DONE)
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return {
        "query": form.query,
        "rows": shown(request.user, filters, number=SHOWN),
        "number": number,
        "is_more": is_more,
        "done_today": done.filter(ended_at__gte=midnight).count(),
        "current": current,
        "now": now,
    }


def _pending(request: Request) -> reviewing.Remark | None:
    """The comment that was typed and not sent. Raises NotReady when it cannot be read."""
    data = {name: request.POST.get(f"comment_{name}", "") for name in ("text", "second")}
    form = CommentForm(data)
    if not data["text"].strip():
        return None
    if not form.is_valid():
        said = [f"{form[name].label}: {errors[0]}" for name, errors in form.errors.items()]
        raise reviewing.NotReady(" ".join(said))
    return reviewing.Remark(form.cleaned_data["text"], form.cleaned_data["second"])


def _onwards(request: Request, said: str) -> HttpResponseBase:
    if _wants_json(request):
        return JsonResponse({"said": said})
    messages.success(request, said)
    return redirect(_home(request))


def _refused(
    request: Request, recording_id: int, said: str, status: int, *, is_lost: bool = False
) -> HttpResponseBase:
    if _wants_json(request):
        return JsonResponse({"lost" if is_lost else "error": said}, status=status)
    messages.error(request, said)
    return redirect(_home(request) if is_lost else _to(request, recording_id))


def _conflict(conflict: reviewing.Conflict) -> JsonResponse:
    review = conflict.review
    there = {
        "revision": review.revision,
        "mark": review.mark,
        "answers": review.answers,
        "isDraft": review.state == Review.State.DRAFT,
    }
    return JsonResponse({"error": str(conflict), "review": there}, status=409)


def _wants_json(request: Request) -> bool:
    return request.headers.get("Accept") == "application/json"


def _home(request: Request) -> str:
    return f"{reverse('calls:review')}?{QueueForm(request.GET).query}"


def _to(request: Request, recording_id: int) -> str:
    query = QueueForm(request.GET).query
    return f"{reverse('calls:review-one', args=[recording_id])}?{query}"
