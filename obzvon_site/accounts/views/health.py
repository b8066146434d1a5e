"""System health: the page, the part that refreshes itself, a report to send."""

from datetime import datetime

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from obzvon_site.accounts.services.health import Check, checks, workers
from obzvon_site.common.htmx import polled
from obzvon_site.common.http import Request

PAGE = "accounts/health.html"


@require_GET
@login_required
@permission_required("accounts.view_apiaccount", raise_exception=True)
def health(request: Request) -> HttpResponse:
    return render(request, PAGE, _context())


@require_GET
@login_required
@permission_required("accounts.view_apiaccount", raise_exception=True)
@polled
def table(request: Request) -> HttpResponse:
    return render(request, f"{PAGE}#checks", _context())


@require_GET
@login_required
@permission_required("accounts.view_apiaccount", raise_exception=True)
def report(request: Request) -> HttpResponse:  # noqa: ARG001
    now = timezone.now()
    lines = [f"{now:%Y-%m-%d %H:%M:%S} UTC"]
    lines += [f"{check.state:5} {check.name}: {check.value}" for check in _lines(now)]
    headers = {"Content-Disposition": 'attachment; filename="obzvon-health.txt"'}
    text = "\n".join(lines) + "\n"
    return HttpResponse(text, content_type="text/plain; charset=utf-8", headers=headers)


def _lines(now: datetime) -> list[Check]:
    return checks(now=now) + workers(now=now)


def _context() -> dict[str, object]:
    now = timezone.now()
    return {"checks": checks(now=now), "workers": workers(now=now), "now": now}
