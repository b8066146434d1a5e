"""The balance in the top bar."""

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import conditional_page, require_GET

from obzvon_site.accounts.services.balance import widget
from obzvon_site.common.http import Request


@require_GET
@login_required
@permission_required("accounts.view_balance", raise_exception=True)
@conditional_page
def balance(request: Request) -> HttpResponse:
    return render(request, "accounts/_balance.html", {"widget": widget(now=timezone.now())})
