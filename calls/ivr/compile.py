"""From a scenario document to the message that the service gets."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from calls.ivr.check import Problem
from calls.ivr.document import OWN_WEBHOOK, Document, Sound, Step
from obzvon_site.provider import payloads

ELLIPSIS = "…"


def message(
    document: Document, *, record_ids: Mapping[int, int], step_webhook_url: str
) -> payloads.Message:
    """Compile ``document``. ``record_ids`` maps our records to the service's ids.

    Raises KeyError for a record without one or not chosen. What breaks a limit is found when the
    message is written as JSON.
    """
    return payloads.Message(
        sound=_sound(document.opening, record_ids),
        recognize=document.recognize,
        steps=_steps(document.steps, record_ids, step_webhook_url),
    )


def sketch(
    document: Document,
    found: Iterable[Problem],
    *,
    record_ids: Mapping[int, int],
    step_webhook_url: str,
) -> dict[str, Any]:
    """The payload of an unfinished draft: what has errors is left out of it."""
    wrong = {(problem.step_id, problem.field) for problem in found if problem.is_error}
    opening = document.opening
    if wrong & {("", "text"), ("", "record")}:
        opening = Sound(text=ELLIPSIS)  # a call without an opening is no payload at all
    steps = _sound_steps(document.steps, wrong)
    whole = replace(document, opening=opening, steps=steps)
    return message(whole, record_ids=record_ids, step_webhook_url=step_webhook_url).as_json()


def _sound_steps(steps: tuple[Step, ...], wrong: set[tuple[str, str]]) -> tuple[Step, ...]:
    kept = []
    for step in steps:
        fields = {field for step_id, field in wrong if step_id == step.id}
        if fields & {"digit", "words", "trigger"}:
            continue
        kept.append(
            replace(
                step,
                sound=None if fields & {"text", "record"} else step.sound,
                sms="" if "sms" in fields else step.sms,
                manager_phone="" if "manager_phone" in fields else step.manager_phone,
                webhook=None if fields & {"webhook", "parameters"} else step.webhook,
                steps=_sound_steps(step.steps, wrong),
            )
        )
    return tuple(kept)


def _steps(
    steps: tuple[Step, ...], record_ids: Mapping[int, int], step_webhook_url: str
) -> tuple[payloads.Step, ...]:
    # «Stay on the line» is what happens when nothing else does, so it stands last.
    ordered = sorted(steps, key=lambda step: step.trigger.kind == "silence")
    return tuple(_step(step, record_ids, step_webhook_url) for step in ordered)


def _step(step: Step, record_ids: Mapping[int, int], step_webhook_url: str) -> payloads.Step:
    url = step.webhook.url if step.webhook else ""
    return payloads.Step(
        digit=step.trigger.digit if step.trigger.kind == "digit" else None,
        words=_words(step) if step.trigger.kind == "words" else (),
        recognize=step.recognize,
        need_block=step.block,
        sound=_sound(step.sound, record_ids) if step.sound else None,
        manager_phone=step.manager_phone,
        sms_text=step.sms,
        webhook_url=step_webhook_url if url == OWN_WEBHOOK else url,
        webhook_parameters=dict(step.webhook.parameters) if step.webhook else None,
        steps=_steps(step.steps, record_ids, step_webhook_url),
    )


def _words(step: Step) -> tuple[str, ...]:
    """Single words: the service splits them at spaces anyway."""
    return tuple(word for words in step.trigger.words for word in words.split())


def _sound(sound: Sound, record_ids: Mapping[int, int]) -> payloads.Sound:
    if sound.is_record:
        if sound.record is None:
            raise KeyError("no record is chosen")
        return payloads.Sound(id=record_ids[sound.record])
    return payloads.Sound(text=sound.text, gender=sound.gender)
