"""The document's lengths and ranges: one table for the client, the checks and the editor."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Limit:
    """The smallest and the largest allowed: characters, digits or a value."""

    min: int
    max: int


LIMITS: dict[str, Limit] = {
    "phone": Limit(11, 11),  # digits; phone, outgoingPhone, managerPhone: string(11)
    "text": Limit(1, 1024),  # record.text: string(1024)
    "sms": Limit(1, 70),  # ivrs.*.smsText: string(70), counted by code point
    "webhook_url": Limit(1, 255),  # webhookUrl: string(255); for steps it is our own rule
    "digit": Limit(0, 9),  # ivrs.*.digit: integer(0-9)
    "gender": Limit(0, 1),  # record.gender: 0 female, 1 male
    "record_name": Limit(1, 255),  # createRecord.name: no limit given, 255 is ours
    # One order and one question: 5,000 ids are known from other resellers' documents,
    # 5,000 phones by analogy.
    "phones": Limit(1, 5000),
    "ids": Limit(1, 5000),
}

ANSWER_BYTES = 32 * 1024 * 1024  # the longest answer we read: 5,000 calls take about 4 MB


def as_json() -> dict[str, dict[str, int]]:
    """The table for the editor: ``{"text": {"min": 1, "max": 1024}, …}``."""
    return {name: asdict(limit) for name, limit in LIMITS.items()}
