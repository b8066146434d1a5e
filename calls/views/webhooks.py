"""Where the service posts its news, and the log of what it posted."""

from uuid import UUID

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from calls.models import WebhookEvent
from calls.services import intake
from obzvon_site.accounts.models import ApiAccount
from obzvon_site.common.htmx import part, polled
from obzvon_site.common.http import Request
from obzvon_site.common.paging import page_of

PAGE = "calls/webhooks/list.html"
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
    account = get_object_or_404(ApiAccount, webhook_token=account_token)
    if int(request.headers.get("Content-Length") or 0) > MAX_BYTES:
        return HttpResponse("too large", status=413, content_type="text/plain")
    intake.store(
        account, kind, request.read(MAX_BYTES), order_token=order_token, now=timezone.now()
    )
    return HttpResponse("ok", content_type="text/plain")


@require_GET
@login_required
@permission_required("calls.view_webhookevent", raise_exception=True)
@polled
def log(request: Request) -> HttpResponse:
    """What came, newest first."""
    events = WebhookEvent.objects.select_related("account")
    page = page_of(events, request.GET.get("after"), key=("-received_at", "-id"))
    return render(request, part(request, PAGE, "list"), {"page": page})
