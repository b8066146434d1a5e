"""The only code that knows how answers to htmx differ from answers to a browser."""

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from obzvon_site.common.http import Request


def part(request: Request, page: str, name: str) -> str:
    """Name the fragment for htmx, the whole page for a browser without scripts."""
    return f"{page}#{name}" if request.htmx else page


def go_to(request: Request, url: str) -> HttpResponseBase:
    """Leave the page, whichever asked."""
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)


def announce(response: HttpResponse, event: str) -> HttpResponse:
    """Tell the page that something changed, for example ``obz:balance``."""
    return trigger_client_event(response, event)
