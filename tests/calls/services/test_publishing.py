import pytest
from django.db import IntegrityError, transaction

from calls.ivr.document import Document, Sound
from calls.models import Campaign, Scenario, ScenarioVersion
from calls.services import publishing
from obzvon_site.accounts.models import AuditEvent
from records.models import Record
from tests.calls.scenarios import (
    NOW,
    document,
    key,
    make_campaign,
    make_record,
    make_scenario,
    make_version,
)
from tests.factories import make_account, make_user

pytestmark = pytest.mark.django_db


def save(scenario, tree, *, revision=None, name="Опрос", actor=None):
    return publishing.save_draft(
        scenario,
        name,
        tree,
        revision=scenario.draft_revision if revision is None else revision,
        actor=actor,
        now=NOW,
    )


def test_a_draft_with_errors_is_saved():
    scenario = make_scenario()
    saved = save(scenario, document(key(1), text=""))
    assert saved.document().opening.text == ""
    assert saved.draft_revision == scenario.draft_revision + 1


def test_saving_says_who_and_when():
    user = make_user()
    saved = save(make_scenario(), document(key(5)), actor=user, name="Другое")
    assert (saved.draft_by, saved.draft_at, saved.name) == (user, NOW, "Другое")


def test_saving_nothing_new_is_no_new_revision():
    scenario = make_scenario()
    assert save(scenario, scenario.document()).draft_revision == scenario.draft_revision


def test_the_slower_of_two_people_saves_nothing_and_hears_of_the_other():
    scenario, quick = make_scenario(), make_user()
    save(scenario, document(key(3)), revision=1, actor=quick)
    with pytest.raises(publishing.Conflict) as conflict:
        save(scenario, document(key(4)), revision=1)
    assert conflict.value.scenario.draft_by == quick
    assert [step.id for step in conflict.value.scenario.document().steps] == ["k3"]


def test_a_stale_save_of_what_is_there_anyway_is_a_conflict_too():
    scenario = make_scenario()
    save(scenario, document(key(3)), revision=1)
    with pytest.raises(publishing.Conflict):
        save(scenario, document(key(3)), revision=1)


def test_a_scenario_put_away_is_not_saved():
    scenario = make_version().scenario
    publishing.remove(scenario, actor=None, now=NOW)
    with pytest.raises(publishing.Conflict):
        save(scenario, document(key(3)))


def test_publishing_freezes_the_draft():
    user, scenario = make_user(), make_scenario()
    version = publishing.publish(scenario, actor=user, now=NOW)
    assert (version.number, version.author, version.created_at) == (1, user, NOW)
    assert version.document == scenario.draft
    assert version.sha256 == scenario.document().sha256()
    assert AuditEvent.objects.get().verb == "scenario.published"


def test_an_unchanged_draft_is_the_version_it_already_is():
    first = make_version()
    assert make_version(first.scenario) == first
    assert ScenarioVersion.objects.count() == 1


def test_a_changed_draft_is_the_next_version_and_the_first_stays_as_it_was():
    first = make_version()
    before = ScenarioVersion.objects.values().get()
    second = make_version(save(first.scenario, document(key(7))))
    assert second.number == 2
    assert first.scenario.latest_version() == second
    assert ScenarioVersion.objects.values().get(number=1) == before


def test_errors_forbid_publishing_and_are_told():
    with pytest.raises(publishing.NotReady) as refusal:
        make_version(make_scenario(key(1), text=""))
    assert [problem.field for problem in refusal.value.problems] == ["text"]
    assert not ScenarioVersion.objects.exists()


def test_warnings_do_not_forbid_publishing():
    assert make_version(make_scenario(key(1, sound=None))).number == 1


def test_a_draft_somebody_changed_meanwhile_is_not_published_unseen():
    scenario = make_scenario()
    save(scenario, document(key(9)))
    with pytest.raises(publishing.Conflict):
        publishing.publish(scenario, actor=None, now=NOW)
    assert not ScenarioVersion.objects.exists()


def test_two_versions_cannot_have_one_number():
    version = make_version()
    with pytest.raises(IntegrityError), transaction.atomic():
        ScenarioVersion.objects.create(
            scenario=version.scenario, number=1, document={}, sha256="0" * 64
        )


@pytest.mark.parametrize(
    ("fields", "level"),
    [
        ({}, None),
        ({"moderation": Record.Moderation.WAITING}, "warning"),
        ({"moderation": Record.Moderation.REJECTED}, "error"),
        ({"stage": Record.Stage.WAITING, "service_id": None}, "error"),
        ({"stage": Record.Stage.REFUSED, "service_id": None}, "error"),
        ({"stage": Record.Stage.REMOVED}, "error"),
    ],
)
def test_a_record_is_judged_by_what_the_service_makes_of_it(fields, level):
    account = make_account()
    record = make_record(account, **fields)
    scenario = make_scenario(
        account=account, document=Document(opening=Sound("record", record=record.pk))
    )
    found = publishing.check(scenario, scenario.document())
    assert [problem.level for problem in found] == ([level] if level else [])


def test_a_record_of_another_account_is_no_record():
    record = make_record(make_account())
    scenario = make_scenario(document=Document(opening=Sound("record", record=record.pk)))
    assert [problem.level for problem in publishing.check(scenario, scenario.document())] == [
        "error"
    ]


def test_an_old_version_becomes_the_draft_again():
    first = make_version()
    scenario = save(first.scenario, document(key(7)))
    returned = publishing.return_as_draft(
        first, revision=scenario.draft_revision, actor=None, now=NOW
    )
    assert returned.draft == first.document


def test_an_old_version_does_not_overwrite_what_somebody_just_typed():
    first = make_version()
    save(first.scenario, document(key(7)))
    with pytest.raises(publishing.Conflict):
        publishing.return_as_draft(first, revision=1, actor=None, now=NOW)


def test_a_copy_is_a_draft_of_its_own_and_its_name_fits():
    scenario = make_scenario(name="Н" * 120)
    copied = publishing.copy(scenario, document(key(4)), name=scenario.name, actor=None, now=NOW)
    assert copied.pk != scenario.pk
    assert copied.account == scenario.account
    assert [step.id for step in copied.document().steps] == ["k4"]
    assert len(copied.name) == 120
    assert copied.name.endswith("копия")


def test_a_draft_never_published_is_deleted():
    publishing.remove(make_scenario(), actor=None, now=NOW)
    assert not Scenario.objects.exists()


def test_a_published_scenario_is_put_away_and_can_come_back():
    version = make_version()
    publishing.remove(version.scenario, actor=None, now=NOW)
    assert Scenario.objects.put_away().get().archived_at == NOW
    assert not Scenario.objects.shown().exists()
    publishing.restore(version.scenario, actor=None)
    assert Scenario.objects.shown().get().latest_version() == version
    assert list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True)) == [
        "scenario.published",
        "scenario.archived",
        "scenario.restored",
    ]


def test_a_scenario_that_plays_now_is_not_put_away():
    version = make_version()
    campaign = make_campaign(version)
    with pytest.raises(publishing.InUse) as refusal:
        publishing.remove(version.scenario, actor=None, now=NOW)
    assert refusal.value.campaigns == [campaign]
    assert Scenario.objects.shown().exists()


def test_a_scenario_that_has_played_is_put_away():
    version = make_version()
    make_campaign(version, state=Campaign.State.DONE)
    publishing.remove(version.scenario, actor=None, now=NOW)
    assert not Scenario.objects.shown().exists()
