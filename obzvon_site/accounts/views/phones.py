"""Outgoing numbers: list, add, rename, remove, take from the service."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from obzvon_site.accounts.forms.phones import LabelForm, PhoneForm, TakePhonesForm
from obzvon_site.accounts.models import OutgoingPhone
from obzvon_site.accounts.services import balance, phones
from obzvon_site.common.http import Request
from obzvon_site.common.secrets import Unreadable
from obzvon_site.provider.errors import NotOffered, ProviderError

LIST = "accounts/phones.html"


@require_GET
@login_required
@permission_required("accounts.view_outgoingphone", raise_exception=True)
def index(request: Request) -> HttpResponse:
    context = {"phones": OutgoingPhone.objects.listed(), "take": TakePhonesForm()}
    return render(request, LIST, context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("accounts.add_outgoingphone", raise_exception=True)
def new(request: Request) -> HttpResponseBase:
    form = PhoneForm(request.POST or None)
    if form.is_valid():
        phones.add(form.save(commit=False), actor=request.user)
        messages.success(request, _("Номер добавлен."))
        return redirect("accounts:phones")
    status = 422 if form.is_bound else 200
    return render(request, "accounts/phone_new.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("accounts.change_outgoingphone", raise_exception=True)
def phone(request: Request, phone_id: int) -> HttpResponseBase:
    found = get_object_or_404(OutgoingPhone, pk=phone_id)
    form = LabelForm(request.POST if request.method == "POST" else None, instance=found)
    if form.is_valid():
        label = form.cleaned_data["label"]
        found.refresh_from_db()
        phones.relabel(found, label, actor=request.user)
        return redirect("accounts:phones")
    context = {"form": form, "phone": found}
    return render(request, "accounts/phone.html", context, status=422 if form.is_bound else 200)


@require_POST
@login_required
@permission_required("accounts.delete_outgoingphone", raise_exception=True)
def remove(request: Request, phone_id: int) -> HttpResponseBase:
    found = get_object_or_404(OutgoingPhone, pk=phone_id)
    try:
        phones.remove(found, actor=request.user)
        messages.success(request, _("Номер убран из списка."))
    except phones.InUse:
        messages.error(
            request, _("С этого номера уже звонили, он нужен истории. Уберите его у сервиса.")
        )
    return redirect("accounts:phones")


@require_POST
@login_required
@permission_required("accounts.add_outgoingphone", raise_exception=True)
def take(request: Request) -> HttpResponseBase:
    form = TakePhonesForm(request.POST)
    if not form.is_valid():
        context = {"phones": OutgoingPhone.objects.listed(), "take": form}
        return render(request, LIST, context, status=422)
    account = form.cleaned_data["account"]
    try:
        count = phones.take_from_service(account, actor=request.user, now=timezone.now())
        text = ngettext("Сервис назвал %d номер.", "Сервис назвал %d номеров.", count) % count
        messages.success(request, text)
    except NotOffered:
        messages.warning(
            request, _("Этот сервис не отдаёт список номеров. Добавьте номера вручную.")
        )
    except (ProviderError, Unreadable) as error:
        messages.error(request, balance.explained(error))
    return redirect("accounts:phones")
