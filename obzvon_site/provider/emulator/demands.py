"""What a request may hold, and what is said when it does not."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from obzvon_site.provider.emulator import script

TEXT_MAX, SMS_MAX, URL_MAX, PHONES_MAX, IDS_MAX = 1024, 70, 255, 5000, 5000


class Complaint(Exception):
    """The request is refused. ``fields`` are Laravel's: name → sentences."""

    def __init__(self, status: int, words: str, fields: Mapping[str, list[str]] | None = None):
        super().__init__(words)
        self.status = status
        self.words = words
        self.fields = dict(fields or {})


@dataclass
class Upload:
    """A file of a multipart request, already on disk."""

    path: Path
    name: str
    size: int


def invalid(name: str, sentence: str) -> Complaint:
    return Complaint(422, "Переданы неверные данные", {name: [sentence]})


def phones(body: Mapping[str, Any]) -> list[str]:
    many = body.get("phones")
    if isinstance(many, list):
        return [str(phone) for phone in many]
    return [str(body["phone"])] if body.get("phone") else []


def check_record(
    name: str, record: Any, problems: dict[str, list[str]], *, is_required: bool
) -> None:
    if not isinstance(record, Mapping) or not (record.get("id") or record.get("text")):
        if is_required:
            problems[f"{name}.id"] = ["Поле record.id обязательно, когда record.text отсутствует"]
        return
    if len(str(record.get("text") or "")) > TEXT_MAX:
        problems[f"{name}.text"] = [f"Не длиннее {TEXT_MAX} символов"]
    if record.get("gender") not in (None, 0, 1, "0", "1"):
        problems[f"{name}.gender"] = ["Поле должно быть 0 или 1"]


def check_steps(name: str, steps: Any, problems: dict[str, list[str]]) -> None:
    if not isinstance(steps, list):
        problems[name] = ["Поле ivrs должно быть списком"]
        return
    seen: set[str] = set()
    for place, step in enumerate(steps):
        here = f"{name}.{place}"
        digit = step.get("digit")
        if digit not in (None, ""):
            if not str(digit).isdigit() or int(digit) > 9:
                problems[f"{here}.digit"] = ["Цифра от 0 до 9"]
            elif str(digit) in seen:
                problems[f"{here}.digit"] = ["Цифра повторяется"]
            seen.add(str(digit))
        if len(str(step.get("smsText") or "")) > SMS_MAX:
            problems[f"{here}.smsText"] = [f"Не длиннее {SMS_MAX} символов"]
        manager = str(step.get("managerPhone") or "")
        if manager and not (len(manager) == 11 and manager.isdigit()):
            problems[f"{here}.managerPhone"] = ["Номер должен состоять из 11 цифр"]
        if step.get("webhookParameters") is not None:
            check_parameters(here, step["webhookParameters"], problems)
        check_record(f"{here}.record", step.get("record"), problems, is_required=False)
        check_steps(f"{here}.ivrs", step.get("ivrs") or [], problems)


def check_parameters(here: str, text: Any, problems: dict[str, list[str]]) -> None:
    try:
        is_object = isinstance(json.loads(text), dict)
    except (TypeError, ValueError):
        is_object = False
    if not is_object:
        problems[f"{here}.webhookParameters"] = ["Ожидается строка с JSON-объектом"]


def record_ids(message: Mapping[str, Any]) -> set[int]:
    record = message.get("record")
    found = {int(record["id"])} if isinstance(record, Mapping) and record.get("id") else set()
    for step in message.get("ivrs") or []:
        found |= record_ids(step)
    return found


def synthesised(message: Mapping[str, Any]) -> int:
    """How many texts of an order have to be spoken."""
    record = message.get("record")
    here = 1 if isinstance(record, Mapping) and record.get("text") and not record.get("id") else 0
    return here + sum(synthesised(step) for step in message.get("ivrs") or [])


def flag(value: Any) -> int:
    return int(value in (1, "1", True))


def masked(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != "apiKey"}


def step_body(phone: str, said: str | None, given: Any) -> dict[str, Any]:
    """The body of a step's webhook: our part, and the caller's parameters at top level."""
    try:
        parameters = json.loads(str(given or "{}").replace("{phone}", phone))
    except ValueError:
        parameters = {}
    answer: Any = int(said) if said and said.isdigit() else said
    return {**parameters, "call": {"phone": phone, "answer": answer}}


def length(text: str, file: Upload | None) -> float:
    """Seconds of a record; a file's are guessed from its size, telephone quality."""
    if file is None:
        return len(text) / script.CHARACTERS_A_SECOND + 0.5
    return max(1.0, min(file.size / 16_000, 120.0))
