"""Where the service posts its news, and the log of what it posted."""

import ipaddress
import json
from collections.abc import Callable
from contextlib import suppress
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.db.models.functions import Length
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from calls.forms.webhooks import WebhookFilter
from calls.models import WebhookEvent
from calls.services import intake, replaying
from obzvon_site.accounts.services import hooks
from obzvon_site.common.htmx import part, polled
from obzvon_site.common.http import Request
from obzvon_site.common.paging import capped_count, page_of
from obzvon_site.common.redact import PHONE

PAGE = "calls/webhooks/list.html"
DETAIL = "calls/webhooks/detail.html"
REPLAY = "calls/webhooks/replay.html"
MOST_SHOWN = 100_000  # characters of a body
MAX_BYTES = 1024 * 1024


@csrf_exempt
@require_POST
def status(request: HttpRequest, account_token: str, order_token: UUID) -> HttpResponse:
    """Take news of an order's calls. The address itself is the secret."""
    return _take(request, account_token, WebhookEvent.Kind.STATUS, order_token)


@csrf_exempt
@require_POST
def step(request: HttpRequest, account_token: str) -> HttpResponse:
    """Take what a subscriber answered at a step that reports to us."""
    return _take(request, account_token, WebhookEvent.Kind.STEP, None)


def _take(
    request: HttpRequest, account_token: str, kind: str, order_token: UUID | None
) -> HttpResponse:
    """Store first, answer 200 after: whatever else is answered will be sent again."""
    hook = hooks.hook_of(account_token)
    if hook is None:
        return _answer("not found", 404)
    if hook.networks and not hook.admits(source := source_of(request)):
        intake.refuse(hook.account_id, kind, source, now=timezone.now())
        return _answer("forbidden", 403)
    try:
        body = _body(request)
    except (UnreadablePostError, Incomplete):
        return _answer("incomplete", 400)
    if len(body) > MAX_BYTES:
        return _answer("too large", 413)
    intake.store(hook.account_id, kind, body, order_token=order_token, now=timezone.now())
    return _answer("ok", 200)


class Incomplete(Exception):
    """The sender has gone before all was said; it will say it again."""


def _body(request: HttpRequest) -> bytes:
    """The body, or of one that is too large a little more than is allowed."""
    if "chunked" in request.headers.get("Transfer-Encoding", "").lower():
        # Django reads as much as a length promises; here only the server knows where it ends.
        return _chunks(request) if request.META.get("wsgi.input_terminated") else b""
    promised = request.headers.get("Content-Length") or "0"
    length = int(promised) if promised.isascii() and promised.isdecimal() else 0
    if length > MAX_BYTES:
        return b" " * (MAX_BYTES + 1)
    body = _read(request.read)
    if len(body) < length:
        raise Incomplete
    return body


def _read(read: Callable[[int], bytes]) -> bytes:
    """A stream may give less at a time than it is asked for."""
    parts: list[bytes] = []
    left = MAX_BYTES + 1
    while left > 0 and (part_ := read(left)):
        parts.append(part_)
        left -= len(part_)
    return b"".join(parts)


def _chunks(request: HttpRequest) -> bytes:
    try:
        return _read(request.META["wsgi.input"].read)
    except Exception as error:  # each server has its own for chunks that break off or are none
        raise Incomplete from error


def source_of(request: HttpRequest) -> str | None:
    """Who has sent it. A header may say anything; behind a proxy its last word is the proxy's."""
    if settings.BEHIND_PROXY:
        hops = request.headers.get("X-Forwarded-For", "").split(",")
        found = hops[-1].strip()
    else:
        found = request.META.get("REMOTE_ADDR", "")
    # Of a neighbour's address «fe80::1%eth0» the database keeps no interface.
    try:
        return str(ipaddress.ip_address(found.partition("%")[0]))
    except ValueError:
        return None


def _answer(word: str, status: int) -> HttpResponse:
    return HttpResponse(word, status=status, content_type="text/plain")


@require_GET
@login_required
@permission_required("calls.view_webhookevent", raise_exception=True)
@polled
def log(request: Request) -> HttpResponse:
    """What came, newest first."""
    form = WebhookFilter(request.GET)
    events = form.chosen().select_related("account").annotate(size=Length("body")).defer("body")
    page = page_of(events, request.GET.get("after"), key=("-received_at", "-id"))
    again, is_more = capped_count(form.chosen().replayable())
    context = {
        "form": form,
        "page": page,
        "again": again,
        "is_more": is_more,
        "is_filtered": any(form.cleaned_data.values()),
    }
    return render(request, part(request, PAGE, "list"), context)


@require_GET
@login_required
@permission_required("calls.view_webhookevent", raise_exception=True)
def event(request: Request, event_id: int) -> HttpResponse:
    """One of them: its body, what came of it, and the calls that it names."""
    found = get_object_or_404(WebhookEvent.objects.select_related("account"), pk=event_id)
    may_see = request.user.has_perm("calls.view_call")
    text, is_cut = pretty(found.body, with_phones=may_see)
    context = {
        "event": found,
        "text": text,
        "is_cut": is_cut,
        "calls": replaying.touched(found) if may_see else [],
    }
    return render(request, DETAIL, context)


@require_POST
@login_required
@permission_required("calls.view_webhookevent", raise_exception=True)
def replay(request: Request, event_id: int) -> HttpResponseBase:
    """Fold one again."""
    found = get_object_or_404(WebhookEvent, pk=event_id)
    if found.state == WebhookEvent.State.REFUSED:
        messages.error(request, _("Тело не сохранено: вебхук пришёл с чужого адреса."))
        return redirect(found)
    found = replaying.replay(found, actor=request.user, now=timezone.now())
    if found.state == WebhookEvent.State.FOLDED:
        messages.success(request, _("Вебхук разобран и учтён."))
    else:
        messages.error(request, _("Вебхук разобран ещё раз, причина прежняя или новая: ниже."))
    return redirect(found)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("calls.view_webhookevent", raise_exception=True)
def replay_all(request: Request) -> HttpResponseBase:
    """Fold again whatever of a filter came to nothing, after telling how many these are."""
    events = WebhookFilter(request.GET).chosen().replayable()
    if request.method == "POST":
        number = replaying.replay_all(events, actor=request.user)
        text = ngettext(
            "Разбираем ещё раз: %(count)d вебхук.",
            "Разбираем ещё раз вебхуков: %(count)d.",
            number,
        )
        messages.success(request, text % {"count": number})
        return redirect("calls:webhooks")
    number, is_more = capped_count(events)
    context = {"number": number, "is_more": is_more, "most": replaying.MOST}
    return render(request, REPLAY, context)


def pretty(body: str, *, with_phones: bool) -> tuple[str, bool]:
    """JSON with indents, anything else as it came; and whether it is cut."""
    text = body
    with suppress(ValueError, RecursionError):
        text = json.dumps(json.loads(body), ensure_ascii=False, indent=2)
    if not with_phones:
        text = PHONE.sub("•••", text)
    # Halves of characters would break the page.
    text = text.encode("utf-8", "replace").decode()
    return text[:MOST_SHOWN], len(text) > MOST_SHOWN
