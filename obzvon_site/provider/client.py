"""The call service over HTTP: one method per address of the API document."""

import io
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from http.client import HTTPException
from ipaddress import ip_address
from typing import Any, BinaryIO, TypeVar
from urllib.parse import urljoin, urlsplit

import requests
import stamina
from django.utils.translation import gettext as _

from obzvon_site.common import reaching
from obzvon_site.provider import fetching, sessions, wire
from obzvon_site.provider.answers import holds_ids, opened, refusal
from obzvon_site.provider.errors import (
    Invalid,
    NotFound,
    OutcomeUnknown,
    ProviderError,
    Refused,
    TooFast,
    Unreachable,
)
from obzvon_site.provider.fetching import Answered, Fetch, Sink
from obzvon_site.provider.limits import LIMITS
from obzvon_site.provider.multipart import Multipart
from obzvon_site.provider.payloads import CallOrder, checked_gender, checked_length
from obzvon_site.provider.replies import (
    ApiCall,
    Created,
    ServicePhone,
    ServiceRecord,
    UserInfo,
    each,
    one,
)
from obzvon_site.provider.wire import ExchangeNote, Wire

__all__ = ["ExchangeNote", "ProviderClient"]

T = TypeVar("T")

TRIES = 3  # of a question that changes nothing
# With more ids than this the address outgrows the 4 KB that servers are sure to take.
IDS_IN_ADDRESS = 100
UNCLEAR_CODES = frozenset({408, 425, 499})  # a proxy's words about a request that may be running
PORTS = {"http": 80, "https": 443}


class ProviderClient:
    """One account's way to the service. Keeps no state, so threads may share it.

    ``deadline`` is in seconds and covers a method with all its tries, from the connection to
    the last byte; only the system's name lookup before it has a limit of its own. ``get`` of
    more than 5,000 ids has one deadline for each 5,000. Every method raises NotSent, Refused
    or OutcomeUnknown (see ``errors``), and ``on_exchange`` hears of every request.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        session: requests.Session | None = None,
        on_exchange: Callable[[ExchangeNote], None] | None = None,
        deadline: float = 30.0,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._api_key = api_key
        self._deadline = deadline
        self._wire = Wire(session or sessions.shared(), api_key, on_exchange)

    def connect(self) -> None:
        """Have a connection ready, so that the next request leaves at once. Never fails: what is
        wrong with the way to the service, that request will say."""
        sessions.connect(self._wire.session, self._base_url)

    def create(self, order: CallOrder, *, begin: Callable[[], None] | None = None) -> Created:
        """Order one call to each phone of ``order``. Sent once, never repeated.

        ``begin`` is called right before the first byte leaves; what it raises stops it.
        The service cannot recognise a second copy of an order. A phone may be refused inside
        a success. Source: API document, «Запрос на звонок».
        """
        body = order.as_json()
        phones = body["phones"]
        read = partial(Created.from_json, phones=phones, hide=self._wire.hidden)
        return self._once("create", body, read, begin=begin)

    def get(
        self, ids: Sequence[int] | None = None, *, unread: list[str] | None = None
    ) -> list[ApiCall]:
        """What has become of the apiCalls ``ids``, or of all there are when it is None.

        Ids the service does not know are not in the answer. Unreadable entries are passed over;
        what was wrong with them is put into ``unread``. Source: «Запрос информации о звонке».
        """
        read = each(ApiCall.from_json, unread)
        if ids is None:
            return self._safely("get", {}, read)
        unique, most = list(dict.fromkeys(ids)), LIMITS["ids"].max
        found: list[ApiCall] = []
        for start in range(0, len(unique), most):
            part = unique[start : start + most]
            # The table of parameters does not say where the ids go, the example has them in
            # the address, half of the known clients send them in the body: so both.
            found += self._safely(
                "get",
                {"apiCallIdList": part},
                read,
                query={"apiCallIdList[]": part} if len(part) <= IDS_IN_ADDRESS else None,
            )
        return found

    def create_record(
        self,
        name: str,
        *,
        text: str = "",
        gender: int | None = None,
        file: BinaryIO | None = None,
        file_name: str = "",
    ) -> ServiceRecord:
        """Create a record from a text or from an audio file. Sent once, never repeated.

        The file is read from where it stands and not held in memory. ``gender`` is not in
        the document here, so it is sent only when given. Source: «Создание аудиоролика».
        """
        body: dict[str, Any] = {"name": checked_length("name", name, "record_name")}
        if gender is not None:
            body["gender"] = checked_gender("gender", gender)
        read = one(ServiceRecord.from_json)
        if file is None:
            body |= {"source": "text", "text": checked_length("text", text, "text")}
            return self._once("createRecord", body, read)
        if text:
            raise Invalid("text", _("Выберите что-то одно: текст или файл"))
        body["source"] = "file"
        fields = {"apiKey": self._api_key, **{name: str(value) for name, value in body.items()}}
        form = Multipart(fields, file, file_name or "record")
        return self._ask(
            "createRecord",
            {**body, "file": f"{file_name}, {len(form)} B"},
            read,
            seconds=self._deadline,
            data=form,
            headers={"Content-Type": form.content_type},
        )

    def remove_record(self, id_: int) -> ServiceRecord | None:
        """Remove a record; None when the service says no more than «success».

        Source: «Удаление аудиоролика», whose answer nobody has seen.
        """
        read = one(ServiceRecord.from_json)
        return self._once("removeRecord", {"id": id_}, lambda data: _if_object(read, data))

    def user_info(self) -> UserInfo:
        """The account's balance. Source: «Информация о пользователе»."""
        return self._safely("userInfo", {}, one(UserInfo.from_json))

    def get_phones(self) -> list[ServicePhone]:
        """Numbers to call from. Not in the document: NotOffered where a reseller lacks it."""
        return self._safely("getPhones", {"all": True}, each(ServicePhone.from_json))

    def get_records(self) -> list[ServiceRecord]:
        """All records, the only way to see moderation change. Not in the document either."""
        return self._safely("getRecords", {"forAmoGet": 1}, each(ServiceRecord.from_json))

    def fetch_sound(self, url: str, into: BinaryIO, *, max_bytes: int) -> str:
        """Write the audio at ``url`` into ``into`` and return its content type.

        Only from the account's own server, so that no answer can make us ask elsewhere; the
        key is not sent. On an error ``into`` may hold a part of it. An oversize file is
        OutcomeUnknown.
        """
        address = self._own_address(url)
        with self._wire.exchange("sound", f"GET {address}") as running:
            answer = self._wire.send(
                running,
                "GET",
                address,
                into,
                seconds=self._deadline,
                max_bytes=max_bytes,
                headers={"Accept": "audio/*, */*;q=0.5"},
            )
            content_type = answer.headers.get("Content-Type", "")
            running.answer = content_type
            if answer.status_code in (404, 410):
                raise NotFound(detail=f"HTTP {answer.status_code}")
            if answer.status_code != 200:
                _judge(answer, b"")
            return content_type

    def fetch_recording(self, url: str, into: Sink, *, max_bytes: int, seconds: float) -> None:
        """Bring the file at ``url`` into ``into``, going on where an earlier try was cut.

        Only from the account's own server, redirects too, and from inner networks only where the
        account itself is typed as an inner address (the emulator). Raises Invalid, NotFound,
        TooLarge, Cut, and the usual ones; what the sink raises goes through.
        """
        how = Fetch(max_bytes, seconds, is_private_allowed=self._is_inner)
        with self._wire.exchange("sound", f"GET {url}") as running:
            try:
                running.http_status = fetching.bring(url, into, how, own=self._own_address)
            except Answered as error:
                running.http_status = error.status
                failure: ProviderError = _meant(error)
            except reaching.NotPublic:
                failure = Invalid("url", _("Аудио лежит во внутренней сети, туда мы не ходим"))
            except reaching.NotAnAddress as error:
                failure = Unreachable(detail=str(error))
            except (OSError, HTTPException, ValueError) as error:
                failure = OutcomeUnknown(detail=type(error).__name__)
            else:
                running.answer = f"{into.size} B"
                return
            raise failure

    @property
    def _is_inner(self) -> bool:
        """Whether the account's address was typed as one of an inner network."""
        host = urlsplit(self._base_url).hostname or ""
        try:
            return not ip_address(host).is_global
        except ValueError:
            return host == "localhost"

    def _own_address(self, url: str) -> str:
        """The absolute address of a file on the account's server. Raises Invalid."""
        try:
            ours, theirs = urlsplit(self._base_url), urlsplit(urljoin(self._base_url + "/", url))
            default = PORTS.get(theirs.scheme)
            is_ours = theirs.hostname == ours.hostname and (theirs.port or default) in (
                ours.port or PORTS.get(ours.scheme),
                default,
            )
        except ValueError:
            is_ours, default = False, None
        if default is None or not is_ours or theirs.username is not None:
            raise Invalid("url", _("Аудио лежит не на сервере этой учётной записи"))
        return theirs.geturl()

    def _once(
        self, method: str, body: Mapping[str, Any], read: Callable[[Any], T], **parts: Any
    ) -> T:
        """Ask what must not be asked twice."""
        json = {**body, "apiKey": self._api_key}
        return self._ask(method, body, read, seconds=self._deadline, json=json, **parts)

    def _safely(
        self,
        method: str,
        body: Mapping[str, Any],
        read: Callable[[Any], T],
        *,
        query: Mapping[str, Any] | None = None,
    ) -> T:
        """Ask what changes nothing: a few tries, all within the deadline."""
        end = time.monotonic() + self._deadline

        def may_help(error: Exception) -> bool | float:
            """Whether to ask again, or after how many seconds."""
            if isinstance(error, TooFast) and error.retry_after is not None:
                fits = time.monotonic() + error.retry_after < end
                return max(0.05, error.retry_after) if fits else False
            return isinstance(error, OutcomeUnknown | TooFast) and time.monotonic() < end

        tries = stamina.retry_context(
            may_help,
            attempts=TRIES,
            timeout=self._deadline,
            wait_initial=min(0.2, self._deadline / 10),
            wait_max=min(2.0, self._deadline / 10),
            wait_jitter=min(0.2, self._deadline / 10),
        )
        json = {**body, "apiKey": self._api_key}
        for attempt in tries:
            with attempt:
                # Half of the time for one try, so that a silent server leaves time for another.
                seconds = max(0.01, min(self._deadline / 2, end - time.monotonic()))
                return self._ask(method, body, read, seconds=seconds, json=json, params=query)
        raise OutcomeUnknown(method=method)

    def _ask(
        self,
        method: str,
        shown: Mapping[str, Any],
        read: Callable[[Any], T],
        *,
        seconds: float,
        **parts: Any,
    ) -> T:
        """One exchange: send, open the envelope, read. ``shown`` is the body without the key."""
        url, body = f"{self._base_url}/{method}", io.BytesIO()
        with self._wire.exchange(method, dict(shown)) as running:
            try:
                answer = self._wire.send(running, "POST", url, body, seconds=seconds, **parts)
            finally:
                running.answer = body.getvalue().decode(errors="replace")
            return _read(answer, body.getvalue(), read)


def _read(answer: requests.Response, body: bytes, read: Callable[[Any], T]) -> T:
    """The content of an answer. Raises Refused or OutcomeUnknown."""
    if not 200 <= answer.status_code < 300:
        _judge(answer, body)
    try:
        return read(opened(wire.parsed(body)))
    except (ValueError, RecursionError) as error:
        detail = f"HTTP {answer.status_code}, {error}"
    raise OutcomeUnknown(detail=detail)


def _judge(answer: requests.Response, body: bytes) -> None:
    """Raise what an answer without success means."""
    code, detail = answer.status_code, f"HTTP {answer.status_code}"
    try:
        content = wire.parsed(body)
    except ValueError:
        content = None
    error: Refused = refusal(code, content, retry_after=wire.retry_after(answer.headers))
    error.detail = detail
    if 400 <= code < 500 and code not in UNCLEAR_CODES and not holds_ids(content):
        raise error
    raise OutcomeUnknown(error.words, detail=detail)


def _meant(error: Answered) -> ProviderError:
    """What an answer instead of a file means."""
    detail = f"HTTP {error.status}"
    if error.status in (404, 410):
        return NotFound(detail=detail)
    if error.status == 429:
        return TooFast(retry_after=wire.retry_after(dict(error.headers.items())), detail=detail)
    return OutcomeUnknown(detail=detail)


def _if_object(read: Callable[[Any], T], data: Any) -> T | None:
    return read(data) if data and isinstance(data, Mapping | list) else None
