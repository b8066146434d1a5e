"""The only code that knows how answers to htmx differ from answers to a browser."""

from collections.abc import Callable
from typing import TypeVar

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from obzvon_site.common.http import Request

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def part(request: Request, page: str, name: str) -> str:
    """Name the fragment for htmx, the whole page for a browser without scripts."""
    return f"{page}#{name}" if request.htmx else page


def go_to(request: Request, url: str) -> HttpResponseBase:
    """Leave the page, whichever asked."""
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)


def announce(response: HttpResponse, event: str) -> HttpResponse:
    """Tell the page that something changed, for example ``obz:balance``."""
    return trigger_client_event(response, event)


def polled(view: View) -> View:
    """For a fragment that is asked for again and again: unchanged, it answers 304 without a body.

    The browser keeps its own last copy and shows it to nobody without asking us first.
    """
    return cache_control(private=True, no_cache=True)(conditional_page(view))
