import pytest
from django.urls import reverse

from calls.services import publishing
from tests.calls.scenarios import (
    NOW,
    document,
    key,
    make_campaign,
    make_scenario,
    make_version,
)


def of(version, name="scenario-version") -> str:
    return reverse(f"calls:{name}", args=[version.scenario.pk, version.number])


def text(answer) -> str:
    return answer.content.decode()


def edit(version):
    scenario = version.scenario
    return publishing.save_draft(
        scenario,
        scenario.name,
        document(key(9)),
        revision=scenario.draft_revision,
        actor=None,
        now=NOW,
    )


def test_versions_are_listed_newest_first_with_where_they_play(operator):
    first = make_version()
    second = make_version(edit(first))
    make_campaign(first)
    answer = text(operator.get(reverse("calls:scenario-versions", args=[first.scenario.pk])))
    assert answer.index(of(second)) < answer.index(of(first))
    assert '<td class="r num">1</td>' in answer


def test_a_scenario_without_versions_says_how_to_make_one(operator):
    answer = operator.get(reverse("calls:scenario-versions", args=[make_scenario().pk]))
    assert "Первая появится, когда вы опубликуете черновик" in text(answer)


def test_a_version_shows_its_document_and_campaigns(operator):
    version = make_version(make_scenario(key(1, label="<b>Да</b>")))
    campaign = make_campaign(version, name="Ноябрьский")
    answer = text(operator.get(of(version)))
    assert "&lt;b&gt;Да&lt;/b&gt;" in answer
    assert version.sha256 in answer
    assert campaign.get_absolute_url() in answer


def test_a_version_becomes_the_draft_again(operator):
    version = make_version()
    scenario = edit(version)
    data = {"revision": scenario.draft_revision}
    answer = operator.post(of(version, "scenario-return"), data)
    assert answer.url == scenario.get_absolute_url()
    scenario.refresh_from_db()
    assert scenario.draft == version.document
    assert scenario.draft_by.username == "operator"


@pytest.mark.parametrize("revision", ["1", "", "x", "9" * 5000])
def test_a_version_does_not_replace_a_draft_nobody_has_looked_at(operator, revision):
    version = make_version()
    scenario = edit(version)
    answer = operator.post(of(version, "scenario-return"), {"revision": revision}, follow=True)
    assert "черновик изменили" in text(answer)
    scenario.refresh_from_db()
    assert scenario.draft != version.document


def test_a_scenario_in_the_archive_shows_its_versions_and_the_way_back(operator):
    version = make_version()
    publishing.remove(version.scenario, actor=None, now=NOW)
    answer = text(operator.get(reverse("calls:scenario-versions", args=[version.scenario.pk])))
    assert "Вернуть из архива" in answer
    assert "Вернуть как черновик" not in answer
    answer = operator.post(
        of(version, "scenario-return"), {"revision": version.scenario.draft_revision}, follow=True
    )
    assert "черновик изменили" in text(answer)


def test_a_manager_sees_no_versions(manager):
    version = make_version()
    assert manager.get(of(version)).status_code == 403
    assert manager.post(of(version, "scenario-return")).status_code == 403


def test_wrong_methods_and_numbers_are_refused(operator):
    version = make_version()
    assert operator.post(of(version)).status_code == 405
    assert operator.get(of(version, "scenario-return")).status_code == 405
    missing = reverse("calls:scenario-version", args=[version.scenario.pk, 2])
    assert operator.get(missing).status_code == 404
