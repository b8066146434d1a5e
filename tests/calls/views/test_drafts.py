"""The wizard's pages: everything typed is kept, errors lead to their place, one launch."""

import re

import pytest
from django.urls import reverse

from calls.forms.drafts import FILLED, STEPS
from calls.models import CampaignDraft, ContactList
from calls.views import draft_parts
from tests.calls.drafts import make_draft
from tests.calls.lists import make_list
from tests.calls.makers import make_campaign
from tests.factories import make_account, make_user

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture(autouse=True)
def account():
    return make_account(is_default=True, use_duty_phone=True, balance=1000)


def path(draft: CampaignDraft, step: str) -> str:
    return reverse("calls:campaign-draft", args=[draft.pk, step])


def kept(draft: CampaignDraft, step: str) -> dict:
    draft.refresh_from_db()
    return draft.answers[step]


# Beginning


def test_the_first_page_offers_what_there_is_to_start_from(operator):
    draft = make_draft()
    page = operator.get(reverse("calls:campaign-new")).content.decode()
    assert "Пустой обзвон" in page
    assert draft.get_absolute_url() in page


def test_an_empty_draft_begins_with_its_list(operator):
    answer = operator.post(reverse("calls:campaign-new"))
    draft = CampaignDraft.objects.get()
    assert answer["Location"] == path(draft, "list")
    assert operator.get(answer["Location"]).status_code == 200


def test_a_list_may_be_brought_along(operator):
    contact_list = make_list(3)
    page = operator.get(f"{reverse('calls:campaign-new')}?list={contact_list.pk}").content.decode()
    assert contact_list.name in page
    operator.post(reverse("calls:campaign-new"), {"list": contact_list.pk})
    assert kept(CampaignDraft.objects.get(), "list")["contact_list"] == [str(contact_list.pk)]


@pytest.mark.parametrize(
    "query", ["list=0", "list=x", "copy=999", "preset=999", "list=" + "9" * 30]
)
def test_what_is_gone_is_no_start(operator, query):
    assert operator.get(f"{reverse('calls:campaign-new')}?{query}").status_code == 200


def test_a_waiting_draft_takes_a_list_that_was_just_uploaded(operator):
    draft, contact_list = make_draft(), make_list(1)
    page = operator.get(f"{reverse('calls:campaign-new')}?list={contact_list.pk}").content.decode()
    link = f"{path(draft, 'list')}?list={contact_list.pk}"
    assert link in page
    assert f'value="{contact_list.pk}" checked' in operator.get(link).content.decode()


# Steps


@pytest.mark.parametrize("step", STEPS)
def test_every_step_opens_filled_and_empty(operator, step):
    assert operator.get(path(make_draft(), step)).status_code == 200
    assert operator.get(path(CampaignDraft.objects.create(), step)).status_code == 200


@pytest.mark.parametrize("step", FILLED)
def test_a_step_that_nobody_has_filled_shows_no_errors(operator, step):
    page = operator.get(path(CampaignDraft.objects.create(), step)).content.decode()
    assert "data-errors" not in page
    assert 'class="err"' not in page.split("<main")[1].replace('<span class="err">Реклама', "")


def test_there_are_no_other_steps(operator):
    assert operator.get(path(make_draft(), "sixth")).status_code == 404


def test_next_keeps_a_good_step_and_goes_on(operator):
    draft = make_draft()
    answer = operator.post(path(draft, "message"), {"message": "text", "text": "Лавка: {имя}!"})
    assert answer["Location"] == path(draft, "time")
    assert kept(draft, "message")["text"] == ["Лавка: {имя}!"]


def test_next_keeps_a_bad_step_too_and_stays(operator):
    draft = make_draft()
    answer = operator.post(path(draft, "message"), {"message": "text", "text": "Долг {сума}"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "В списке нет {сума}. Есть: {имя}, {сумма}." in page
    assert 'href="#id_text"' in page
    assert kept(draft, "message")["text"] == ["Долг {сума}"]


@pytest.mark.parametrize(("go", "step"), [("back", "list"), ("time", "time"), ("launch", "launch")])
def test_back_and_the_rail_keep_even_what_is_wrong(operator, go, step):
    draft = make_draft()
    answer = operator.post(path(draft, "message"), {"message": "text", "text": "{сума", "go": go})
    assert answer["Location"] == path(draft, step)
    assert kept(draft, "message")["text"] == ["{сума"]
    assert "{сума" in operator.get(path(draft, "message")).content.decode()


def test_autosave_keeps_and_says_when(operator):
    draft = make_draft()
    data = {"message": "text", "text": "Полуслов", "go": "save"}
    answer = operator.post(path(draft, "message"), data, **HTMX)
    assert answer.status_code == 200
    assert "Черновик сохранён в" in answer.content.decode()
    assert "obz:draft-saved" in answer["HX-Trigger"]
    assert kept(draft, "message")["text"] == ["Полуслов"]


def test_a_request_that_was_overtaken_changes_nothing(operator):
    draft = make_draft()
    page = {"message": "text", "page": "a1"}
    operator.post(path(draft, "message"), {**page, "text": "Лавка: всё", "turn": "12"})
    late = {**page, "text": "Лавка: вс", "turn": "11", "go": "save"}
    assert operator.post(path(draft, "message"), late, **HTMX).status_code == 200
    assert kept(draft, "message")["text"] == ["Лавка: всё"]
    other = {**late, "page": "b2", "text": "Лавка: иное", "turn": "1"}
    operator.post(path(draft, "message"), other, **HTMX)
    assert kept(draft, "message")["text"] == ["Лавка: иное"]
    without_scripts = {**other, "turn": "", "text": "Лавка: руками"}
    operator.post(path(draft, "message"), without_scripts)
    assert kept(draft, "message")["text"] == ["Лавка: руками"]


def test_what_was_typed_into_one_step_changes_no_other(operator):
    draft = make_draft()
    before = {step: kept(draft, step) for step in ("list", "time", "check")}
    operator.post(path(draft, "message"), {"message": "record", "go": "save"}, **HTMX)
    assert {step: kept(draft, step) for step in before} == before


def test_another_purpose_redraws_the_step_without_errors(operator):
    draft = make_draft()
    data = {"purpose": "emergency", "go": "stay"}
    page = operator.post(path(draft, "time"), data, **HTMX).content.decode()
    assert 'id="id_ground"' in page
    assert "data-errors" not in page
    assert kept(draft, "time")["purpose"] == ["emergency"]


def test_a_wrong_step_is_marked_on_the_rail(operator):
    draft = make_draft(time={"limit_day": ["99"]})
    page = operator.get(path(draft, "list")).content.decode()
    marked = re.findall(r'<li class="is-(\w+)">', page.split("dr-rail")[1].split("</nav>")[0])
    assert marked == ["done", "done", "bad", "done", "todo"]


# The list


def test_pasted_numbers_become_a_list(operator):
    draft = CampaignDraft.objects.create()
    data = {
        "name": "Проба",
        "contact_list": "paste",
        "numbers": "+7 916 123-45-67\n12\n89161234568",
    }
    answer = operator.post(path(draft, "list"), data, follow=True)
    made = ContactList.objects.get()
    assert (made.name, made.total) == ("Проба", 2)
    assert kept(draft, "list")["contact_list"] == [str(made.pk)]
    assert kept(draft, "list")["numbers"] == []
    assert "Строк с ошибкой: 1" in answer.content.decode()


def test_a_paste_without_numbers_stays_with_its_text(operator):
    draft = CampaignDraft.objects.create()
    data = {"name": "Проба", "contact_list": "paste", "numbers": "никто"}
    answer = operator.post(path(draft, "list"), data)
    assert answer.status_code == 422
    assert "никто" in answer.content.decode()
    assert not ContactList.objects.exists()


def test_a_paste_that_is_only_kept_makes_no_list(operator):
    draft = CampaignDraft.objects.create()
    data = {"contact_list": "paste", "numbers": "89161234568", "go": "save", "name": "Проба"}
    operator.post(path(draft, "list"), data, **HTMX)
    assert not ContactList.objects.exists()


def test_lists_are_searched_in_any_case_and_the_chosen_one_stays(operator):
    chosen = make_list(1, name="Должники")
    make_list(1, name="Клиенты Юга", tags="|ноябрь|")
    draft = make_draft(chosen)
    for asked in ("юга", "НОЯБРЬ"):
        url = reverse("calls:campaign-draft-lists", args=[draft.pk])
        part = operator.get(f"{url}?q={asked}&contact_list={chosen.pk}").content.decode()
        assert "Клиенты Юга" in part
        assert f'value="{chosen.pk}" checked' in part
    assert "Клиенты" not in operator.get(f"{url}?q=zzz").content.decode()


# Parts


def test_the_preview_speaks_to_real_contacts(operator):
    contact_list = make_list([{"phone": "79161234567", "сумма": "100"}, {"phone": "79161234568"}])
    draft = make_draft(contact_list)
    part = operator.get(reverse("calls:campaign-draft-preview", args=[draft.pk])).content.decode()
    assert "К оплате 100 рублей." in part
    assert "+7 (916) 123-45-68" in part
    assert "Нет значения: сумма" in part


def test_the_preview_names_what_the_list_lacks(operator):
    draft = make_draft(message={"text": ["{сума}"]})
    part = operator.get(reverse("calls:campaign-draft-preview", args=[draft.pk])).content.decode()
    assert "<code>{сума}</code>" in part
    assert "<code>{сумма}</code>" in part


def test_the_rules_say_what_the_choices_come_to(operator):
    draft = make_draft(time={"purpose": ["debt"], "any_time": [], "limit_week": ["1"]})
    part = operator.get(reverse("calls:campaign-draft-rules", args=[draft.pk])).content.decode()
    assert "8:00–22:00" in part
    assert "до 1 в неделю" in part
    assert "230-ФЗ" in part


def test_people_without_a_zone_are_told_of(operator):
    contact_list = make_list([{"zone": "", "сумма": "1"}, {"сумма": "1"}])
    page = operator.get(path(make_draft(contact_list), "time")).content.decode()
    assert "с 10 до 12 по Москве" in page
    assert contact_list.get_absolute_url() in page


def test_the_review_counts_people_and_money(operator):
    contact_list = make_list([{"сумма": "1"}, {"сумма": "1"}, {"consent_on": None, "сумма": "1"}])
    part = operator.get(reverse("calls:campaign-draft-review", args=[make_draft(contact_list).pk]))
    text = part.content.decode()
    assert "2 из 3" in text
    assert "Нет согласия на звонки" in text
    assert "₽" in text


def test_what_the_review_objects_to_leads_to_its_step(operator):
    draft = make_draft(message={"text": ["Здравствуйте! Сумма {сумма}."]})
    part = operator.get(reverse("calls:campaign-draft-review", args=[draft.pk])).content.decode()
    assert "Назовите компанию" in part
    assert f'href="{path(draft, "message")}"' in part


def test_the_check_counts_before_anybody_has_touched_it(operator):
    draft = make_draft()
    del draft.answers["check"]
    draft.save()
    assert "2 из 2" in operator.get(path(draft, "check")).content.decode()


def test_the_review_leads_to_what_is_wrong(operator):
    draft = make_draft(time={"limit_day": ["99"]})
    part = operator.get(reverse("calls:campaign-draft-review", args=[draft.pk])).content.decode()
    assert f'href="{path(draft, "time")}#id_limit_day"' in part


def test_many_contacts_are_counted_after_the_page(operator, monkeypatch):
    monkeypatch.setattr(draft_parts, "AT_ONCE", 1)
    draft = make_draft()
    for step in ("check", "launch"):
        page = operator.get(path(draft, step)).content.decode()
        assert "Считаем" in page
        assert "load" in page
        assert "Считаем" not in operator.get(f"{path(draft, step)}?count").content.decode()


# Others


def test_a_removed_draft_is_gone(operator):
    draft = make_draft()
    operator.post(reverse("calls:campaign-draft-remove", args=[draft.pk]))
    assert not CampaignDraft.objects.exists()
    assert operator.get(path(draft, "list")).status_code == 404


def test_a_copy_is_offered_by_address(operator):
    campaign = make_campaign()
    page = operator.get(f"{reverse('calls:campaign-new')}?copy={campaign.pk}").content.decode()
    assert f"Копия «{campaign.name}»" in page


def test_reading_pages_changes_nothing(operator):
    draft = make_draft()
    before = kept(draft, "time")
    for step in STEPS:
        operator.get(path(draft, step))
    assert kept(draft, "time") == before
    for name in ("remove", "preset-save"):
        url = reverse(
            f"calls:campaign-{name}" if "preset" in name else f"calls:campaign-draft-{name}",
            args=[draft.pk],
        )
        assert operator.get(url).status_code == 405


def test_a_draft_is_another_operators_too(admin):
    draft = make_draft()
    draft.created_by = make_user()
    draft.save()
    assert admin.get(path(draft, "list")).status_code == 200
