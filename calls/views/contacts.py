"""Contact lists, what is in them, and what is known of one person."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from calls import people, reports
from calls.forms.contacts import ContactForm, ListFilter, ListForm, PasteForm
from calls.models import Contact, ContactList
from calls.rules.zones import ZONES
from calls.services import cards, importing, lists
from obzvon_site.common.http import Request
from obzvon_site.common.paging import page_of
from obzvon_site.common.phones import normalise

INDEX = "calls/contacts/index.html"
LIST = "calls/contacts/list.html"
PERSON = "calls/contacts/person.html"
CALLS_SHOWN = 30


@require_GET
@login_required
@permission_required("calls.view_contactlist", raise_exception=True)
def index(request: Request) -> HttpResponse:
    """All lists, newest first, and people whose phone was asked for."""
    form = ListFilter(request.GET)
    found = people.with_digits(form.digits) if form.digits else []
    context = {
        "form": form,
        "page": page_of(form.apply(people.listed()), request.GET.get("after")),
        "found": found,
        "is_cut": len(found) == people.MOST_FOUND,
    }
    return render(request, INDEX, context)


@require_GET
@login_required
@permission_required("calls.view_contactlist", raise_exception=True)
def contact_list(request: Request, list_id: int) -> HttpResponse:
    """One list: its contacts in the order of the file, and where they came from."""
    return _list_page(request, shown_or_404(list_id))


@require_POST
@login_required
@permission_required("calls.change_contactlist", raise_exception=True)
def change(request: Request, list_id: int) -> HttpResponseBase:
    """Rename a list and set its tags."""
    found = shown_or_404(list_id)
    form = ListForm(request.POST)
    if not form.is_valid():
        return _list_page(request, found, form=form)
    lists.change(found, **form.cleaned_data, actor=request.user)
    messages.success(request, _("Список изменён."))
    return redirect(found)


@require_POST
@login_required
@permission_required("calls.change_contactlist", raise_exception=True)
def paste(request: Request, list_id: int) -> HttpResponseBase:
    """Add pasted numbers; what is wrong with them is shown as for a file."""
    found = shown_or_404(list_id)
    form = PasteForm(request.POST)
    if not form.is_valid():
        return _list_page(request, found, paste_form=form)
    text = form.cleaned_data["numbers"]
    try:
        added = importing.add_numbers(found, text, actor=request.user, now=timezone.now())
    except importing.NotAList as error:
        form.add_error("numbers", str(error))
        return _list_page(request, found, paste_form=form)
    return redirect(added)


@require_POST
@login_required
@permission_required("calls.delete_contactlist", raise_exception=True)
def remove(request: Request, list_id: int) -> HttpResponseBase:
    """Delete a list with its contacts; refused while a campaign is being made of it."""
    found = shown_or_404(list_id)
    try:
        lists.remove(found, actor=request.user, now=timezone.now())
    except lists.InUse as error:
        messages.error(request, str(error))
        return redirect(found)
    except lists.Removed as error:
        raise Http404 from error
    messages.success(request, _("Список «%s» удалён.") % found)
    return redirect("calls:contacts")


@require_GET
@login_required
@permission_required("calls.view_contactlist", raise_exception=True)
def person(request: Request, phone: str) -> HttpResponseBase:
    """Everything known of one phone."""
    known = _phone_or_404(phone)
    if known != phone:
        return redirect("calls:contact-person", known)
    return _person_page(request, known)


@require_POST
@login_required
@permission_required("calls.delete_contactlist", raise_exception=True)
def forget(request: Request, phone: str) -> HttpResponseBase:
    """Delete a person's data from everywhere; calls stay as numbers."""
    known = _phone_or_404(phone)
    gone = lists.remove_contact(known, actor=request.user, now=timezone.now())
    text = ngettext(
        "Данные удалены из %(count)d списка.", "Данные удалены, списков: %(count)d.", gone
    )
    messages.success(request, text % {"count": gone})
    return redirect("calls:contact-person", known)


@require_POST
@login_required
@permission_required("calls.change_contactlist", raise_exception=True)
def correct(request: Request, contact_id: int) -> HttpResponseBase:
    """Change what one list says of a person."""
    contact = _contact_or_404(contact_id)
    form = ContactForm(contact, request.POST)
    if not form.is_valid():
        return _person_page(request, contact.phone, wrong=form)
    cards.change(contact.pk, form.card(), actor=request.user)
    messages.success(request, _("Контакт изменён."))
    return redirect("calls:contact-person", contact.phone)


@require_POST
@login_required
@permission_required("calls.change_contactlist", raise_exception=True)
def take_out(request: Request, contact_id: int) -> HttpResponseBase:
    """Take a person out of one list."""
    contact = _contact_or_404(contact_id)
    lists.take_out(contact, actor=request.user)
    messages.success(request, _("Контакта больше нет в списке «%s».") % contact.contact_list)
    return redirect("calls:contact-person", contact.phone)


def _contact_or_404(contact_id: int) -> Contact:
    rows = Contact.objects.filter(contact_list__removed_at=None).select_related("contact_list")
    return get_object_or_404(rows, pk=contact_id)


def shown_or_404(list_id: int) -> ContactList:
    """A list that nobody has removed."""
    return get_object_or_404(ContactList.objects.shown(), pk=list_id)


def _phone_or_404(text: str) -> str:
    try:
        return normalise(text)
    except ValueError as error:
        raise Http404 from error


def _list_page(
    request: Request,
    found: ContactList,
    *,
    form: ListForm | None = None,
    paste_form: PasteForm | None = None,
) -> HttpResponse:
    asked = request.GET.get("q", "")[:120]
    page = page_of(people.contacts(found, asked), request.GET.get("after"), key=("id",))
    names = {"name": found.name, "tags": ", ".join(found.tag_list)}
    context = {
        "list": found,
        "q": asked,
        "page": page,
        **people.about(found, page.rows),
        "form": form or ListForm(initial=names),
        "paste_form": paste_form or PasteForm(),
    }
    return render(request, LIST, context, status=422 if form or paste_form else 200)


def _person_page(request: Request, phone: str, wrong: ContactForm | None = None) -> HttpResponse:
    known = people.person(phone, now=timezone.now())
    page = page_of(
        reports.listed(people.calls_of(phone)), request.GET.get("after"), size=CALLS_SHOWN
    )
    kept = {wrong.contact.pk: wrong} if wrong else {}
    context = {
        "person": known,
        "zone_name": ZONES.get(known.zone, known.zone),
        "local_time": known.now.strftime("%H:%M") if known.now else "",
        "page": page,
        "table": reports.table(page.rows),
        "forms": [kept.get(row.pk) or ContactForm(row) for row in known.contacts],
    }
    return render(request, PERSON, context, status=422 if wrong else 200)
