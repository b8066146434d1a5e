"""The log of exchanges with the service, and the log of deeds."""

import json

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from obzvon_site.accounts.forms.logs import AuditFilter, ExchangeFilter
from obzvon_site.accounts.models import Exchange
from obzvon_site.common.http import Request
from obzvon_site.common.paging import page_of


@require_GET
@login_required
@permission_required("accounts.view_exchange", raise_exception=True)
def exchanges(request: Request) -> HttpResponse:
    form = ExchangeFilter(request.GET)
    page = page_of(form.chosen(), request.GET.get("after"), size=50, key=("-sent_at", "-id"))
    return render(request, "accounts/exchanges.html", {"form": form, "page": page})


@require_GET
@login_required
@permission_required("accounts.view_exchange", raise_exception=True)
def exchange(request: Request, exchange_id: int) -> HttpResponse:
    found = get_object_or_404(Exchange.objects.newest(), pk=exchange_id)
    context = {
        "exchange": found,
        "request_text": pretty(found.request),
        "answer_text": pretty(found.answer),
    }
    return render(request, "accounts/exchange.html", context)


@require_GET
@login_required
@permission_required("accounts.view_auditevent", raise_exception=True)
def audit(request: Request) -> HttpResponse:
    form = AuditFilter(request.GET)
    page = page_of(form.chosen(), request.GET.get("after"), size=50, key=("-at", "-id"))
    return render(request, "accounts/audit.html", {"form": form, "page": page})


def pretty(text: str) -> str:
    """JSON with indents; anything else as it came."""
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    except ValueError:
        return text
