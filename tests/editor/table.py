"""The shared cases as the browser's modules get them, and what they must answer."""

import json
from decimal import Decimal
from pathlib import Path

from calls.ivr import compile as ivr_compile
from calls.ivr.check import limits_as_json, rules_as_json
from tests.calls.ivr.test_cases import CASES, PRICES, STEP_WEBHOOK, found, read

ROOT = Path(__file__).resolve().parents[2]
MODULES = ROOT / "static/editor"


TRIALS = ROOT / "tests/calls/ivr/trials"


def trials() -> dict:
    """The cases of trial calls by name."""
    cases = {path.stem: json.loads(path.read_text()) for path in sorted(TRIALS.glob("*.json"))}
    assert len(cases) > 30
    return cases


def table() -> dict:
    """What goes to the modules."""
    kopecks = {name: int(getattr(PRICES, name) * 100) for name in ("minute", "sms", "synthesis")}
    return {
        "cases": [json.loads(path.read_text()) for path in CASES],
        "rules": rules_as_json(),
        "limits": limits_as_json(),
        "prices": kopecks,
        "webhook": STEP_WEBHOOK,
    }


def expected() -> list[dict]:
    """What the server's own modules say of each case."""
    return [answer(path) for path in CASES]


def answer(path: Path) -> dict:
    case, document, records = read(path)
    problems = found(document, records)
    ids = {key: each["service_id"] for key, each in records.items()}
    sketch = ivr_compile.sketch(document, problems, record_ids=ids, step_webhook_url=STEP_WEBHOOK)
    answers = {
        "name": path.stem,
        "problems": [[each.step_id, each.field, each.level] for each in problems],
        "sentences": [each.sentence for each in problems],
        "payload": sketch,
        "numbers": numbers(document.steps),
    }
    if "cost" in case:
        answers["cost"] = [int(Decimal(price) * 100) for price in case["cost"]]
    return answers


def numbers(steps, prefix: str = "") -> list[str]:
    found = []
    for place, step in enumerate(steps, start=1):
        found += [f"{prefix}{place}", *numbers(step.steps, f"{prefix}{place}.")]
    return found


def compare(given: list[dict]) -> None:
    """Fail with the first difference."""
    wanted = expected()
    assert len(given) == len(wanted) > 10
    for said, must in zip(given, wanted, strict=True):
        name = must.pop("name")
        assert {key: said[key] for key in must} == must, name
