"""Sign in, sign out, be kept out for a while, choose a password."""

import math
from typing import Any

from axes.helpers import get_client_ip_address, get_client_username, get_cool_off
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import PasswordResetConfirmView
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from obzvon_site.accounts.forms.login import LoginForm, NewPasswordForm, PasswordForm
from obzvon_site.accounts.models import AuditEvent, User
from obzvon_site.common.http import Request

PAGE = "registration/login.html"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponseBase:
    target = _target(request)
    if request.user.is_authenticated:
        return redirect(target)
    form = LoginForm(request, request.POST or None)
    if form.is_valid():
        login(request, form.get_user())
        return _with_chosen_language(request, redirect(target))
    context = {"form": form, "next": target}
    return render(request, PAGE, context, status=422 if form.is_bound else 200)


def _with_chosen_language(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """The language chosen above the form becomes the person's own, and only theirs."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
    if chosen in dict(settings.LANGUAGES):
        User.objects.filter(pk=request.user.pk).update(language=chosen)
    if chosen:
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
    return response


def locked_out(
    request: HttpRequest,
    response: HttpResponse | None = None,  # noqa: ARG001  # what the view would have answered
    credentials: Any = None,
) -> HttpResponse:
    """What django-axes shows after too many tries: how long to wait."""
    attempts = AccessAttempt.objects.filter(
        username=get_client_username(request, credentials) or "",
        ip_address=get_client_ip_address(request),
    )
    last = attempts.order_by("-attempt_time").values_list("attempt_time", flat=True).first()
    left = (last or timezone.now()) + get_cool_off(request) - timezone.now()
    context = {
        "form": LoginForm(request),
        "next": _target(request),
        "minutes_left": max(1, math.ceil(left.total_seconds() / 60)),
    }
    return render(request, PAGE, context, status=429)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponseBase:
    logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@login_required
def password(request: Request) -> HttpResponseBase:
    form = PasswordForm(request.user, request.POST or None)
    if form.is_valid():
        form.save()
        update_session_auth_hash(request, form.user)
        AuditEvent.note(request.user, "person.password_changed", request.user.username)
        messages.success(request, _("Пароль изменён. На других устройствах войдите заново."))
        return redirect("accounts:profile")
    status = 422 if form.is_bound else 200
    return render(request, "accounts/password.html", {"form": form}, status=status)


# Django's own: it keeps the token out of the address bar and out of referrers.
set_password = PasswordResetConfirmView.as_view(
    template_name="registration/set_password.html",
    form_class=NewPasswordForm,
    success_url=reverse_lazy("accounts:login"),
)


def _target(request: HttpRequest) -> str:
    """Where to go after the login: the page asked for, if it is ours."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if is_ours else resolve_url(settings.LOGIN_REDIRECT_URL)
