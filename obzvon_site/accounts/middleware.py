"""What holds for every page because of who is signed in, or no longer is."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils import translation
from django_htmx.http import HttpResponseClientRefresh

Answer = Callable[[HttpRequest], HttpResponseBase]


class Language:
    """The person's own language; before they sign in the one chosen there, else ours.

    A browser's list of languages is not asked: here it says more about who set up the computer.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = request.user.language if request.user.is_authenticated else chosen
        if language not in dict(settings.LANGUAGES):
            language = settings.LANGUAGE_CODE
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class SessionOver:
    """Reloads the page when a fragment is sent to the login, so that no login appears inside it.

    The reload is sent to the login too, which then leads back to this same page.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        login = resolve_url(settings.LOGIN_URL)
        is_over = response.status_code == 302 and response.headers["Location"].startswith(login)
        if is_over and getattr(request, "htmx", False):
            return HttpResponseClientRefresh()
        return response
