"""What a scenario may start from: examples for ever, saved ones until somebody removes them."""

import pytest

from calls.ivr.examples import EXAMPLES
from calls.models import ScenarioTemplate
from calls.services import templates
from obzvon_site.accounts.models import AuditEvent
from tests.calls.scenarios import NOW, document, key
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def make_template(name: str = "Наш опрос", *steps, about: str = "", actor=None):
    return templates.save(name, about, document(*steps), actor=actor, now=NOW)


def test_examples_come_first_and_saved_ones_by_name():
    second, first = make_template("Я", key(1)), make_template("А", about="О чём-то")
    offers = templates.offered()
    assert [offer.key for offer in offers[:5]] == list(EXAMPLES)
    assert [offer.pk for offer in offers[5:]] == [first.pk, second.pk]
    assert offers[0].name == "Подтверждение заказа"
    assert (offers[0].step_count, offers[0].is_saved, offers[0].pk) == (6, False, None)
    assert (offers[5].key, offers[5].about) == (f"saved-{first.pk}", "О чём-то")
    assert (offers[6].step_count, offers[6].is_saved) == (1, True)


def test_an_offer_leads_to_its_document():
    saved = make_template("А", key(1))
    assert templates.document_of("debt") == EXAMPLES["debt"].document()
    assert templates.document_of(templates.key_of(saved)) == document(key(1))
    assert templates.chosen(f"saved-{saved.pk}") == ("А", document(key(1)))


@pytest.mark.parametrize(
    "gone", ["", "x", "saved-", "saved-0", "saved-7777", "saved-1x", "saved-١", "saved-" + "9" * 30]
)
def test_what_is_not_offered_is_not_found(gone):
    with pytest.raises(LookupError):
        templates.document_of(gone)


def test_a_name_is_taken_once_and_the_first_stays():
    make_template("А", key(1))
    with pytest.raises(templates.NameTaken):
        make_template("А")
    assert templates.document_of(templates.offered()[-1].key) == document(key(1))
    assert AuditEvent.objects.count() == 1


def test_saving_and_removing_are_remembered():
    olga = make_user()
    saved = make_template("А", actor=olga)
    assert (saved.created_by, saved.created_at) == (olga, NOW)
    templates.remove(saved, actor=olga)
    templates.remove(saved, actor=olga)  # the loser of two
    assert not ScenarioTemplate.objects.exists()
    noted = AuditEvent.objects.filter(actor=olga, subject="А").order_by("pk")
    assert [event.verb for event in noted] == ["template.saved", "template.removed"]
    assert [event.deed for event in noted] == ["Сохранил шаблон сценария", "Убрал шаблон сценария"]
