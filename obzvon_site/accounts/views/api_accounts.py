"""API accounts: list, add, settings, key, check, default, in and out of use."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from obzvon_site.accounts.forms.api_accounts import AccountForm, ConnectionForm, NewAccountForm
from obzvon_site.accounts.models import ApiAccount
from obzvon_site.accounts.services import api_accounts, balance, hooks, keys
from obzvon_site.common.htmx import announce, part
from obzvon_site.common.http import Request

LIST = "accounts/accounts.html"
PAGE = "accounts/account.html"
NEW = "accounts/account_new.html"
WEBHOOK = "accounts/account_webhook.html"


@require_GET
@login_required
@permission_required("accounts.view_apiaccount", raise_exception=True)
def index(request: Request) -> HttpResponse:
    accounts = ApiAccount.objects.order_by("-is_active", "-is_default", "name")
    return render(request, LIST, {"accounts": accounts, "now": timezone.now()})


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("key")
@login_required
@permission_required("accounts.add_apiaccount", raise_exception=True)
def new(request: Request) -> HttpResponseBase:
    form = NewAccountForm(request.POST or None, instance=ApiAccount())
    if form.is_valid():
        account = form.save(commit=False)
        account.base_url = form.cleaned_data["base_url"]
        api_accounts.add(account, key=form.cleaned_data["key"], actor=request.user)
        balance.refresh(account, now=timezone.now())
        tell(request, account)
        return redirect(account)
    return render(request, NEW, {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("accounts.change_apiaccount", raise_exception=True)
def account(request: Request, account_id: int) -> HttpResponseBase:
    found = get_object_or_404(ApiAccount, pk=account_id)
    form = AccountForm(request.POST or None, instance=found)
    if form.is_valid():
        api_accounts.change(form.save(commit=False), form.changed_data, actor=request.user)
        messages.success(request, _("Сохранено."))
        return redirect(found)
    found.refresh_from_db()  # the form has written its unsaved values into it
    return _page(request, found, form=form, status=422 if form.is_bound else 200)


@require_POST
@sensitive_post_parameters("key")
@login_required
@permission_required("accounts.change_apiaccount", raise_exception=True)
def connect(request: Request, account_id: int) -> HttpResponseBase:
    found = get_object_or_404(ApiAccount, pk=account_id)
    form = ConnectionForm(request.POST)
    if not form.is_valid():
        return _page(request, found, connection=form, status=422)
    keys.connect(found, **form.cleaned_data, actor=request.user)
    balance.refresh(found, now=timezone.now())
    tell(request, found)
    return redirect(found)


@require_POST
@login_required
@permission_required("accounts.change_apiaccount", raise_exception=True)
def check(request: Request, account_id: int) -> HttpResponseBase:
    found = get_object_or_404(ApiAccount, pk=account_id)
    balance.refresh(found, now=timezone.now())
    if not request.htmx:
        tell(request, found)
        return redirect(found)
    answer = render(request, part(request, PAGE, "check"), {"account": found, "is_checked": True})
    return announce(answer, "obz:balance")


@require_POST
@login_required
@permission_required("accounts.change_apiaccount", raise_exception=True)
def make_default(request: Request, account_id: int) -> HttpResponseBase:
    found = get_object_or_404(ApiAccount, pk=account_id)
    if api_accounts.make_default(found, actor=request.user):
        messages.success(request, _("«%s» теперь по умолчанию.") % found)
    return redirect(found)


@require_POST
@login_required
@permission_required("accounts.change_apiaccount", raise_exception=True)
def set_active(request: Request, account_id: int) -> HttpResponseBase:
    found = get_object_or_404(ApiAccount, pk=account_id)
    is_active = request.POST.get("is_active") == "1"
    api_accounts.set_active(found, is_active, actor=request.user)
    return redirect(found)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("accounts.change_apiaccount", raise_exception=True)
def renew_webhook(request: Request, account_id: int) -> HttpResponseBase:
    """Renew the webhook address, after telling what follows from it."""
    found = get_object_or_404(ApiAccount, pk=account_id)
    if request.method == "POST":
        hooks.renew(found, actor=request.user, now=timezone.now())
        messages.success(request, _("Адрес вебхуков обновлён."))
        return redirect(found)
    old = found.old_webhook_addresses.count()
    context = {"account": found, "days": hooks.ACCEPTED.days, "old": old}
    return render(request, WEBHOOK, context)


def tell(request: Request, account: ApiAccount) -> None:
    """Say what the service answered to the check."""
    if account.balance_error:
        messages.error(request, account.balance_error)
    else:
        messages.success(request, _("Сервис ответил, ключ подошёл."))


def _page(
    request: Request,
    account: ApiAccount,
    *,
    form: AccountForm | None = None,
    connection: ConnectionForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "account": account,
        "form": form or AccountForm(instance=account),
        "connection": connection or ConnectionForm(initial={"base_url": account.base_url}),
        "is_connecting": connection is not None,
    }
    return render(request, PAGE, context, status=status)
