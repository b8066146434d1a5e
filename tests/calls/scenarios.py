"""Scenarios for tests, and the form a page would post for them."""

from datetime import UTC, datetime

from calls.ivr.document import OWN_WEBHOOK, Document, Sound, Step, Trigger
from calls.models import Campaign, Scenario, ScenarioVersion
from calls.services import publishing
from records.models import Record
from tests.factories import make_account

NOW = datetime(2026, 11, 23, 11, 41, 5, tzinfo=UTC)


def key(digit: int, **fields) -> Step:
    fields = {"id": f"k{digit}", "sound": Sound(text="Спасибо"), **fields}
    return Step(trigger=Trigger("digit", digit=digit), **fields)


def document(*steps: Step, text: str = "Нажмите клавишу", **fields) -> Document:
    return Document(opening=Sound(text=text), steps=steps, **fields)


def make_scenario(
    *steps: Step, account=None, name: str = "Опрос", actor=None, **fields
) -> Scenario:
    tree = fields.pop("document", None) or document(*(steps or (key(1), key(2))), **fields)
    return publishing.create(name, tree, account=account or make_account(), actor=actor, now=NOW)


def make_version(scenario: Scenario | None = None) -> ScenarioVersion:
    return publishing.publish(scenario or make_scenario(), actor=None, now=NOW)


def make_campaign(version: ScenarioVersion, **fields) -> Campaign:
    fields = {"name": "Ноябрь", "message": Campaign.Message.SCENARIO, "payload": {}, **fields}
    account = version.scenario.account
    return Campaign.objects.create(account=account, scenario_version=version, **fields)


def make_record(account, **fields) -> Record:
    number = Record.objects.count() + 1
    fields = {
        "name": "Приветствие",
        "source": Record.Source.FILE,
        "stage": Record.Stage.SENT,
        "service_id": number,
        "moderation": Record.Moderation.READY,
        "seconds": "4.20",
        **fields,
    }
    return Record.objects.create(account=account, **fields)


def posted(scenario: Scenario, tree: Document | None = None, **changes) -> dict:
    """What the page of ``scenario`` posts, with ``tree`` typed in and ``changes`` on top."""
    tree = tree or scenario.document()
    data = {"name": scenario.name, "revision": scenario.draft_revision, "step": []}
    _sound(data, "root", tree.opening)
    if tree.recognize:
        data["recognize-root"] = "on"
    _steps(data, "root", tree.steps)
    return {**data, **changes}


def _steps(data: dict, parent: str, steps) -> None:
    for step in steps:
        data["step"].append(f"{step.id} {parent}")
        fields = {
            "label": step.label,
            "trigger": step.trigger.kind,
            "digit": "" if step.trigger.digit is None else step.trigger.digit,
            "words": " ".join(step.trigger.words),
            "sms": step.sms,
            "manager_phone": step.manager_phone,
        }
        data.update({f"{name}-{step.id}": value for name, value in fields.items()})
        flags = {"recognize": step.recognize, "block": step.block}
        data.update({f"{name}-{step.id}": "on" for name, value in flags.items() if value})
        if step.sound:
            _sound(data, step.id, step.sound)
        if step.webhook:
            _webhook(data, step.id, step.webhook)
        _steps(data, step.id, step.steps)


def _sound(data: dict, step_id: str, sound: Sound) -> None:
    data[f"sound-{step_id}"] = sound.kind
    data[f"text-{step_id}"] = sound.text
    data[f"gender-{step_id}"] = sound.gender
    data[f"record-{step_id}"] = sound.record or ""


def _webhook(data: dict, step_id: str, webhook) -> None:
    is_own = webhook.url == OWN_WEBHOOK
    data[f"webhook-{step_id}"] = "own" if is_own else "url"
    data[f"webhook_url-{step_id}"] = "" if is_own else webhook.url
    data[f"parameter_name-{step_id}"] = [*(name for name, _value in webhook.parameters), ""]
    data[f"parameter_value-{step_id}"] = [*(value for _name, value in webhook.parameters), ""]
