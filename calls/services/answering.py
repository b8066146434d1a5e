"""What a subscriber answered, and what the scenario calls it."""

from calls.ivr.answers import Answer, Steps, given, manager_of
from calls.ivr.answers import labelled as _labelled
from calls.models import Call, ScenarioVersion

FIRST = "a"
__all__ = ["Answer", "answers", "labelled", "manager_phone", "version_of"]


def answers(call: Call) -> list[Answer]:
    """``|2|1|`` as the labels of the scenario's steps, menu by menu."""
    return labelled(call, _steps(call))


def labelled(call: Call, steps: Steps) -> list[Answer]:
    """The same, for a scenario that has been read already."""
    return _labelled(steps, given(call.ivr_answers, call.ivr_digit))


def manager_phone(call: Call) -> str:
    """The phone of the manager whom the scenario connected; empty when there was none."""
    texts = given(call.ivr_answers, call.ivr_digit)
    is_told = call.manager_started_at is not None or call.manager_status
    # Who said nothing may also have hung up: then only the service's word tells.
    return manager_of(_steps(call), texts) if texts or is_told else ""


def version_of(call: Call) -> ScenarioVersion | None:
    """The scenario that the call was made with: its variant's, where a campaign compares two."""
    if call.variant == FIRST:  # a campaign keeps its first message itself, too
        return call.campaign.scenario_version
    source = call.campaign.letters.get(call.variant, call.campaign)
    return source.scenario_version


def _steps(call: Call) -> Steps:
    version = version_of(call)
    return version.tree().steps if version else ()
