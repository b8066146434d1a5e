"""``manage.py campaign``: campaigns from scripts."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from calls.models import Campaign, CampaignDraft, CampaignEvent
from calls.services import drafts, preparing
from tests.calls.lists import make_list
from tests.factories import make_account, make_user

pytestmark = pytest.mark.django_db
TEXT = "Здравствуйте! Это магазин «Лавка». Ваш заказ готов."


@pytest.fixture(autouse=True)
def account():
    return make_account(use_duty_phone=True, is_default=True)


def run(*arguments) -> tuple[dict, bool]:
    """What the command wrote as JSON, and whether it ended well."""
    out = StringIO()
    try:
        call_command("campaign", *map(str, arguments), "--json", stdout=out)
    except SystemExit as ended:
        return json.loads(out.getvalue()), ended.code == 0
    return json.loads(out.getvalue()), True


def create(*arguments) -> tuple[dict, bool]:
    contact_list = make_list(3)
    waived = ("--waive-consent", "договор № 14 от 3 марта")
    given = ("--list", contact_list.pk, "--text", TEXT, "--purpose", "service", *waived)
    return run("create", "Заказы", *given, *arguments)


def test_a_draft_is_looked_over_and_nobody_is_called():
    said, is_well = create()
    assert is_well
    assert (said["total"], said["to_call"]) == (3, 3)
    assert said["price"]
    assert CampaignDraft.objects.get(pk=said["draft"]).name == "Заказы"
    assert not Campaign.objects.exists()


def test_a_draft_is_started_once_however_often_one_asks():
    made, _ = create()
    first, is_well = run("start", made["draft"])
    assert is_well
    second, _ = run("start", made["draft"])
    assert first["campaign"] == second["campaign"]
    assert Campaign.objects.get().name == "Заказы"


def test_create_and_start_in_one_go_with_all_settings():
    said, is_well = create(
        *("--start", "--budget", "500", "--day-budget", "100,50", "--pace", "60"),
        *("--concurrent", "5", "--pilot", "2", "--set", "time.busy_times=3"),
    )
    assert is_well, said
    campaign = Campaign.objects.get(pk=said["campaign"])
    assert (campaign.budget, campaign.day_budget) == (500, pytest.approx(100.5))
    assert (campaign.calls_per_minute, campaign.concurrent, campaign.pilot_size) == (60, 5, 2)
    assert campaign.retries["busy"][0] == 3
    assert campaign.consent_waiver == "договор № 14 от 3 марта"


def test_pause_resume_stop_and_status_tell_the_state():
    said, _ = create("--start")
    number = said["campaign"]
    preparing.prepare_due()
    assert run("pause", number)[0]["state"] == "paused"
    assert run("resume", number)[0]["state"] == "running"
    assert run("status", number)[0]["people"] == 3
    stopped, is_well = run("stop", number)
    assert is_well
    assert stopped["state"] in {"stopped", "done"}
    assert stopped["failed"] == 3


def test_what_cannot_be_done_says_why_and_how_things_are():
    said, _ = create("--start")
    preparing.prepare_due()
    answer, is_well = run("resume", said["campaign"])
    assert not is_well
    assert answer["errors"]
    assert answer["state"] == "running"


def test_it_is_noted_who_did_it():
    user = make_user(username="ivan")
    said, _ = create("--start", "--user", "ivan")
    launched = CampaignEvent.objects.get(campaign=said["campaign"], kind="launched")
    assert launched.actor == user


def test_wrong_answers_are_named_by_their_step_and_the_draft_stays():
    said, is_well = create("--text", "")
    assert not is_well
    assert any(sentence.startswith("Сообщение: ") for sentence in said["errors"])
    assert CampaignDraft.objects.filter(pk=said["draft"]).exists()


def test_advertising_is_refused_with_its_law():
    said, is_well = create("--purpose", "advertising")
    assert not is_well
    assert any("38-ФЗ" in sentence for sentence in said["errors"])


def test_a_preset_is_where_it_begins():
    made, _ = create("--budget", "700")
    draft = CampaignDraft.objects.get(pk=made["draft"])
    drafts.save_preset("Как обычно", draft.answers, actor=None, now=timezone.now())
    said, is_well = run("create", "Ещё", "--list", make_list(2).pk, "--preset", "Как обычно")
    assert is_well, said
    kept = CampaignDraft.objects.get(pk=said["draft"])
    assert kept.answers["check"]["budget"] == ["700"]
    assert kept.name == "Ещё"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["create", "А", "--list", "нет"], "Нет списка «нет»"),
        (["start", "77"], "Нет черновика 77"),
        (["status", "77"], "Нет обзвона 77"),
        (["pause", "77"], "Нет обзвона 77"),
    ],
)
def test_what_is_not_there_is_named(arguments, words):
    said, is_well = run(*arguments)
    assert not is_well
    assert words in said["errors"][0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--set", "busy"], "нужно STEP.FIELD=VALUE"),
        (["--set", "check.bugdet=2000"], "нет поля «bugdet». Есть: budget, day_budget,"),
        (["--set", "time.busy_time=5"], "нет поля «busy_time»"),
        (["--start-at", "завтра"], "не время"),
        (["--preset", "нет"], "Нет заготовки «нет»"),
    ],
)
def test_options_that_make_no_sense_are_named(arguments, words):
    said, is_well = create(*arguments)
    assert not is_well
    assert words in said["errors"][0]
    assert not CampaignDraft.objects.exists()


def test_every_field_that_a_page_posts_may_be_set():
    posted = [
        *("message.compare=on", "message.b-message=text", "message.b-text=Это «Лавка». Ждём вас."),
        *("time.any_time=", "time.hours_kind=own", "time.hours_mon_from=11:00"),
        "time.hours_mon_to=12:00",
    ]
    said, is_well = create(*(part for given in posted for part in ("--set", given)), "--start")
    assert is_well, said
    campaign = Campaign.objects.get()
    assert campaign.hours["days"] == [[11 * 60, 12 * 60], *[None] * 6]
    assert campaign.variants.count() == 2
