"""What the service answers and posts, as frozen dataclasses: strict about ids, else tolerant."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Self, TypeVar

from obzvon_site.provider import values
from obzvon_site.provider.answers import refusal, said
from obzvon_site.provider.errors import Refused
from obzvon_site.provider.values import Entry, Misread

log = logging.getLogger(__name__)
T = TypeVar("T")

FINAL_STATUSES = frozenset({"finished", "busy", "canceled"})
KNOWN_STATUSES = FINAL_STATUSES | {"created", "processed", "started", "answered"}


@dataclass(frozen=True, slots=True)
class CreatedCall:
    """One phone of an answered order. Match it by ``phone``, never by position."""

    id: int
    phone: str  # 11 digits
    created_at: datetime | None  # aware, UTC


@dataclass(frozen=True, slots=True)
class RefusedPhone:
    """A phone the service will not call, though it took the order as a whole."""

    phone: str
    words: str

    @property
    def trouble(self) -> Refused:
        """What its words mean: it may be the account that is at fault, and not the phone."""
        return refusal(200, self.words)


@dataclass(frozen=True, slots=True)
class Created:
    """An answered order. A phone may be in neither list: nobody knows what became of it."""

    calls: tuple[CreatedCall, ...]
    refused: tuple[RefusedPhone, ...]

    @classmethod
    def from_json(cls, data: Any, phones: Sequence[str], hide: Callable[[str], str] = str) -> Self:
        """Read the answer to an order of ``phones``. Raises ValueError.

        A list with an entry per phone, or (in the document) one object without its phone.
        ``hide`` takes secrets out of the words for people.
        """
        only = phones[0] if len(phones) == 1 else None
        calls, refused = [], []
        for entry in map(Entry, listed(data)):
            phone = entry.take(values.phone, "phone") or only
            if phone is None:
                raise Misread("an entry of no phone")
            id_ = entry.take(values.identifier, "id")
            if id_ is not None:
                created_at = entry.take(values.moment, "createdAt")
                calls.append(CreatedCall(id=id_, phone=phone, created_at=created_at))
            else:
                refused.append(RefusedPhone(phone=phone, words=hide(_refusal(entry))))
        if not calls and not refused:
            raise Misread("an order without entries")
        if len({call.id for call in calls}) < len({call.phone for call in calls}):
            raise Misread("an id of two phones")
        return cls(calls=tuple(calls), refused=tuple(refused))


def _refusal(entry: Entry) -> str:
    """The words of an entry without an id. Raises ValueError when it is not a refusal."""
    status = (entry.take(values.text, "status") or "").lower()
    words, _ = said(entry.rest())
    if not words and status not in ("error", "fail", "failed"):
        raise Misread("an entry of neither id nor refusal")
    return words


@dataclass(frozen=True, slots=True)
class CallNews:
    """What is known of one attempt to ring. Empty text and None: not said (yet)."""

    id: int | None
    phone: str
    status: str  # one of KNOWN_STATUSES, or a word of the service we do not know
    is_final: bool
    ivr_digit: str
    ivr_answers: str  # as it came: «|2|1|»
    started_at: datetime | None
    answered_at: datetime | None
    manager_started_at: datetime | None
    manager_answered_at: datetime | None
    manager_status: str
    finished_at: datetime | None
    to_block: bool
    hangup_cause: str
    recording_url: str
    cost: Decimal | None  # roubles
    created_at: datetime | None
    updated_at: datetime | None
    extra: Mapping[str, Any]
    said_at: datetime | None = None  # updatedAt as it came, when that was in the future

    @classmethod
    def from_entry(cls, entry: Entry, *, phone: str = "") -> Self:
        """Read one of ``calls``. ``phone`` is the apiCall's, for calls that do not repeat it."""

        def text(*names: str) -> str:
            return entry.take(values.text, *names) or ""

        def moment(name: str) -> datetime | None:
            return entry.take(values.moment, name)

        status = _status(text("status"))
        return cls(
            id=entry.take(values.identifier, "id"),
            phone=entry.take(values.phone, "phone") or phone,
            status=status,
            is_final=status in FINAL_STATUSES,
            ivr_digit=text("ivrDigit"),
            ivr_answers=text("ivrAnswers"),
            started_at=moment("startedAt"),
            answered_at=moment("answeredAt"),
            manager_started_at=moment("managerStartedAt"),
            manager_answered_at=moment("managerAnsweredAt"),
            manager_status=text("managerStatus"),
            finished_at=moment("finishedAt"),
            to_block=entry.take(values.flag, "toBlock") or False,
            hangup_cause=text("hangupCause"),
            # The answer of get says recordFilePath, the note at needRecording says recordPath.
            recording_url=text("recordFilePath", "recordPath"),
            cost=entry.take(values.money, "cost"),
            created_at=moment("createdAt"),
            updated_at=moment("updatedAt"),
            extra=entry.rest(),
        )


def _status(word: str) -> str:
    lowered = word.lower()
    return lowered if lowered in KNOWN_STATUSES else word


@dataclass(frozen=True, slots=True)
class ApiCall:
    """One phone of an order as the service sees it now, with its attempts."""

    id: int
    phone: str  # empty when neither the apiCall nor its calls name it
    created_at: datetime | None
    planned_at: datetime | None
    need_recording: bool
    calls: tuple[CallNews, ...]
    extra: Mapping[str, Any]

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read one apiCall. Raises ValueError when it has no id."""
        entry = Entry(data)
        id_ = entry.need(values.identifier, "id", "apiCallId")
        phone = entry.take(values.phone, "phone") or ""
        attempts = entry.take(_entries, "calls") or []
        calls = tuple(CallNews.from_entry(attempt, phone=phone) for attempt in attempts)
        return cls(
            id=id_,
            phone=phone or next((call.phone for call in calls if call.phone), ""),
            created_at=entry.take(values.moment, "createdAt"),
            planned_at=entry.take(values.moment, "plannedAt"),
            need_recording=entry.take(values.flag, "needRecording") or False,
            calls=calls,
            extra=entry.rest(),
        )

    @classmethod
    def from_flat(cls, data: Any) -> Self:
        """Read a call posted alone, as one reader of the document expects. Raises ValueError."""
        entry = Entry(data)
        id_ = entry.take(values.identifier, "apiCallId") or Entry(data).need(
            values.identifier, "id"
        )
        news = CallNews.from_entry(entry)
        return cls(
            id=id_,
            phone=news.phone,
            created_at=news.created_at,
            planned_at=entry.take(values.moment, "plannedAt"),
            need_recording=entry.take(values.flag, "needRecording") or False,
            calls=(news,),
            extra={},
        )


def _entries(data: Any) -> list[Entry]:
    return [Entry(item) for item in listed(data)]


@dataclass(frozen=True, slots=True)
class ServiceRecord:
    """An audio record at the service. Nobody has seen the values of ``status``: an open word."""

    id: int
    name: str
    path: str  # address of the audio
    status: str
    needs_moderation: bool | None  # None: not said
    moderator_comment: str
    text: str
    created_at: datetime | None
    deleted_at: datetime | None
    extra: Mapping[str, Any]

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read one record. Raises ValueError when it has no id."""
        entry = Entry(data)

        def text(*names: str) -> str:
            return entry.take(values.text, *names) or ""

        return cls(
            id=entry.need(values.identifier, "id"),
            name=text("name"),
            path=text("path"),
            status=text("status"),
            needs_moderation=entry.take(values.flag, "needModeration"),
            moderator_comment=text("moderatorComment"),
            text=text("recordText", "text"),
            created_at=entry.take(values.moment, "createdAt"),
            deleted_at=entry.take(values.moment, "deletedAt"),
            extra=entry.rest(),
        )


@dataclass(frozen=True, slots=True)
class UserInfo:
    """The account at the service."""

    id: int | None
    balance: Decimal  # roubles
    extra: Mapping[str, Any]

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read the answer of userInfo. Raises ValueError without a balance."""
        entry = Entry(data)
        return cls(
            id=entry.take(values.identifier, "id"),
            balance=entry.need(values.money, "balance"),
            extra=entry.rest(),
        )


@dataclass(frozen=True, slots=True)
class ServicePhone:
    """A number of the account to call from."""

    phone: str
    is_confirmed: bool | None  # None: not said

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read one entry of getPhones, an object or just the number. Raises ValueError."""
        if not isinstance(data, Mapping):
            return cls(phone=values.phone(data), is_confirmed=None)
        entry = Entry(data)
        return cls(
            phone=entry.need(values.phone, "phone"),
            is_confirmed=entry.take(values.flag, "enable", "enabled"),
        )


@dataclass(frozen=True, slots=True)
class StepAnswer:
    """What a subscriber pressed or said, posted by the service at that moment."""

    phone: str
    answer: str
    order_id: int | None  # the service's id of the apiCall
    parameters: Mapping[str, Any]  # our own webhookParameters


def listed(data: Any) -> list[Any]:
    """A list as it is, one object as a list of one. Raises ValueError for anything else."""
    if isinstance(data, list):
        return data
    if isinstance(data, Mapping):
        return [data]
    raise Misread(f"a list was expected, not {type(data).__name__}")


def each(read: Callable[[Any], T], unread: list[str] | None = None) -> Callable[[Any], list[T]]:
    """A reader of lists that passes over unreadable entries, unless there is nothing else.

    What was wrong with them is put into ``unread``.
    """

    def read_all(data: Any) -> list[T]:
        found: list[T] = []
        items = listed(data)
        for item in items:
            try:
                found.append(read(item))
            except ValueError as error:
                log.warning("an entry of the service's answer is unreadable: %s", error)
                if unread is not None:
                    unread.append(str(error))
        if items and not found:
            raise Misread("no entry is readable")
        return found

    return read_all


def one(read: Callable[[Any], T]) -> Callable[[Any], T]:
    """A reader of one object, also when it comes as a list of one."""

    def read_one(data: Any) -> T:
        items = listed(data)
        if len(items) != 1:
            raise Misread(f"one object was expected, not {len(items)}")
        return read(items[0])

    return read_one


def read_status_webhook(body: Any, unread: list[str] | None = None) -> list[ApiCall]:
    """The apiCalls of a posted body. Raises ValueError when there is none to read.

    What was wrong with the others is put into ``unread``.

    Seen: ``{"apiCalls": […]}``. Documented: the answer of get, wrapped or bare. Expected by
    one client: a call alone, or inside ``{"call": …}``.
    """
    if isinstance(body, Mapping):
        entry = Entry(body)
        inner = entry.take(listed, "apiCalls", "apiCall", "data")
        if inner is not None:
            return read_status_webhook(inner, unread)
        if (alone := entry.take(listed, "call")) is not None:
            return each(ApiCall.from_flat, unread)(alone)
        if "calls" not in body and "status" in body:
            return [ApiCall.from_flat(body)]
    found = each(ApiCall.from_json, unread)(body)
    if not found:
        raise Misread("no apiCalls")
    return found


def read_step_webhook(body: Any) -> StepAnswer:
    """The answer of a posted step. Raises ValueError without a phone.

    ``{"call": {"phone", "answer", "apicallId"}, …parameters}``; older bodies say ``ivr_answers``.
    """
    outer = Entry(body)
    call = outer.take(Entry, "call") or outer
    return StepAnswer(
        phone=call.need(values.phone, "phone"),
        answer=call.take(values.text, "answer", "ivrAnswers", "ivrDigit") or "",
        order_id=call.take(values.identifier, "apiCallId", "id"),
        parameters=outer.rest(),
    )
