"""Tags, comments and follow-ups of a recording; each answers with its own part of the page."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from calls.forms.review import CommentForm, FollowUpForm, TagForm
from calls.models import Recording
from calls.review_work import Heard
from calls.services import follow_ups, remarks
from obzvon_site.common.forms import Form
from obzvon_site.common.http import Request


@require_POST
@login_required
@permission_required("calls.review_recording", raise_exception=True)
def tag(request: Request, recording_id: int) -> HttpResponseBase:
    """Put a tag on it."""
    found = get_object_or_404(Recording, pk=recording_id)
    form = TagForm(request.POST)
    if form.is_valid():
        remarks.tag(found, form.cleaned_data["name"])
    return _part(request, found, "tags", form)


@require_POST
@login_required
@permission_required("calls.review_recording", raise_exception=True)
def untag(request: Request, recording_id: int, tag_id: int) -> HttpResponseBase:
    found = get_object_or_404(Recording, pk=recording_id)
    remarks.untag(found, tag_id)
    return _part(request, found, "tags", TagForm())


@require_POST
@login_required
@permission_required("calls.review_recording", raise_exception=True)
def comment(request: Request, recording_id: int) -> HttpResponseBase:
    """Say something, at a moment or about the whole."""
    found = get_object_or_404(Recording, pk=recording_id)
    form = CommentForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        remarks.comment(
            found,
            said["text"],
            second=said["second"],
            author=request.user,
            now=timezone.now(),
        )
        form = CommentForm()
    return _part(request, found, "comments", form)


@require_POST
@login_required
@permission_required("calls.review_recording", raise_exception=True)
def withdraw(request: Request, comment_id: int) -> HttpResponseBase:
    """Take back a remark of one's own."""
    found = remarks.withdraw(comment_id, author=request.user)
    if found is None:
        raise Http404
    return _part(request, found, "comments", CommentForm())


@require_POST
@login_required
@permission_required("calls.review_recording", raise_exception=True)
def follow_up(request: Request, recording_id: int) -> HttpResponseBase:
    """Hand something over to an operator."""
    found = get_object_or_404(Recording, pk=recording_id)
    form = FollowUpForm(request.POST)
    if form.is_valid():
        asked = form.cleaned_data
        follow_ups.ask_for(
            found,
            asked["text"],
            assignee=asked["assignee"],
            due=asked["due"],
            asked_by=request.user,
            now=timezone.now(),
        )
        form = FollowUpForm()
    return _part(request, found, "follow_ups", form)


def _part(request: Request, found: Recording, name: str, form: Form) -> HttpResponseBase:
    """The part for htmx; a browser without scripts goes back to where it was."""
    if not request.htmx:
        if form.errors:
            messages.error(request, _("Не сохранили: проверьте, всё ли заполнено верно."))
        if request.POST.get("at") == "review":
            return redirect("calls:review-one", found.pk)
        return redirect(found)
    heard = Heard(found, request.user)
    context = {"heard": heard, "part_form": form, "can_review": True, "at": request.POST.get("at")}
    status = 422 if form.errors else 200
    return render(request, f"calls/review/_{name}.html", context, status=status)
