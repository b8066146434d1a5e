"""People: list, invite, role, password link, in and out."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from obzvon_site.accounts.forms.people import PersonForm, RoleForm
from obzvon_site.accounts.models import User
from obzvon_site.accounts.services import people
from obzvon_site.common.http import Request


@require_GET
@login_required
@permission_required("accounts.view_user", raise_exception=True)
def index(request: Request) -> HttpResponse:
    return render(request, "accounts/people.html", {"people": User.objects.listed()})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("accounts.add_user", raise_exception=True)
def new(request: Request) -> HttpResponseBase:
    form = PersonForm(request.POST or None)
    if form.is_valid():
        person = people.invite(
            form.save(commit=False), form.cleaned_data["role"], actor=request.user
        )
        _keep_link(request, person)
        return redirect(person)
    status = 422 if form.is_bound else 200
    return render(request, "accounts/person_new.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
@permission_required("accounts.change_user", raise_exception=True)
def person(request: Request, person_id: int) -> HttpResponseBase:
    found = _changeable(request, person_id)
    form = RoleForm(request.POST or None, person=found)
    if form.is_valid():
        try:
            people.change_role(found, form.cleaned_data["role"], actor=request.user)
            messages.success(request, _("Роль изменена."))
            return redirect(found)
        except people.LastAdmin:
            form.add_error("role", last_admin())
    link = request.session.pop(f"link-{found.pk}", "")
    context = {"person": found, "form": form, "link": link}
    return render(request, "accounts/person.html", context, status=422 if form.is_bound else 200)


@require_POST
@login_required
@permission_required("accounts.change_user", raise_exception=True)
def make_link(request: Request, person_id: int) -> HttpResponseBase:
    found = _changeable(request, person_id)
    _keep_link(request, found)
    return redirect(found)


@require_POST
@login_required
@permission_required("accounts.change_user", raise_exception=True)
def set_active(request: Request, person_id: int) -> HttpResponseBase:
    found = _changeable(request, person_id)
    try:
        if request.POST.get("is_active") == "1":
            people.activate(found, actor=request.user)
        else:
            people.deactivate(found, actor=request.user)
    except people.LastAdmin:
        messages.error(request, last_admin())
    return redirect(found)


def last_admin() -> str:
    """Why the last admin stays."""
    return _("Это последний администратор. Сначала дайте эту роль кому-нибудь ещё.")


def _changeable(request: Request, person_id: int) -> User:
    """The person, unless it is a superuser and the one who asks is not: no way to rise."""
    found = get_object_or_404(User, pk=person_id)
    if found.is_superuser and not request.user.is_superuser:
        raise PermissionDenied
    return found


def _keep_link(request: Request, person: User) -> None:
    """Carry the link over the redirect; the next page shows it once."""
    path = people.password_link(person, actor=request.user)
    request.session[f"link-{person.pk}"] = request.build_absolute_uri(path)
