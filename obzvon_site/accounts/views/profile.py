"""A person's own name and tastes."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBadRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from obzvon_site.accounts.forms.people import ProfileForm
from obzvon_site.accounts.models import User
from obzvon_site.common.http import Request


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def profile(request: Request) -> HttpResponseBase:
    person = User.objects.get(pk=request.user.pk)
    form = ProfileForm(request.POST or None, instance=person)
    if form.is_valid():
        form.save()
        translation.activate(person.language)
        messages.success(request, _("Сохранено."))
        return redirect("accounts:profile")
    status = 422 if form.is_bound else 200
    return render(request, "accounts/profile.html", {"form": form}, status=status)


@require_POST
@login_required
def theme(request: Request) -> HttpResponseBase:
    chosen = request.POST.get("theme", "")
    if chosen not in User.Theme.values:
        return HttpResponseBadRequest(_("Такой темы нет: auto, light или dark."))
    User.objects.filter(pk=request.user.pk).update(theme=chosen)
    return HttpResponse(status=204) if request.htmx else redirect(_back(request))


@require_POST
@login_required
def language(request: Request) -> HttpResponseBase:
    chosen = request.POST.get("language", "")
    if chosen not in dict(settings.LANGUAGES):
        return HttpResponseBadRequest(_("Такого языка нет: ru или en."))
    User.objects.filter(pk=request.user.pk).update(language=chosen)
    return redirect(_back(request))


def _back(request: Request) -> str:
    """The page the button was on, if it is ours."""
    page = request.POST.get("next") or request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(page, allowed_hosts={request.get_host()})
    return page if is_ours else resolve_url("accounts:profile")
