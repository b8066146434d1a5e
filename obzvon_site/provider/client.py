"""The call service over HTTP: one method per address of the API document."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

import requests

from obzvon_site.provider.payloads import CallOrder
from obzvon_site.provider.replies import ApiCall, Created, ServicePhone, ServiceRecord, UserInfo


@dataclass(frozen=True, slots=True)
class ExchangeNote:
    """One request and its answer, masked, for the log of exchanges."""

    method: str
    sent_at: datetime  # aware, UTC
    milliseconds: int
    http_status: int | None
    outcome: str  # done, not_sent, refused, unknown
    request: str
    answer: str


class ProviderClient:
    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        session: requests.Session | None = None,
        on_exchange: Callable[[ExchangeNote], None] | None = None,
        deadline: float = 30.0,
    ) -> None: ...

    def create(self, order: CallOrder) -> Created:
        raise NotImplementedError

    def get(self, ids: Sequence[int] | None = None) -> list[ApiCall]:
        raise NotImplementedError

    def create_record(
        self,
        name: str,
        *,
        text: str = "",
        gender: int | None = None,
        file: BinaryIO | None = None,
        file_name: str = "",
    ) -> ServiceRecord:
        raise NotImplementedError

    def remove_record(self, id_: int) -> ServiceRecord | None:
        raise NotImplementedError

    def user_info(self) -> UserInfo:
        raise NotImplementedError

    def get_phones(self) -> list[ServicePhone]:
        raise NotImplementedError

    def get_records(self) -> list[ServiceRecord]:
        raise NotImplementedError

    def fetch_sound(self, url: str, into: BinaryIO, *, max_bytes: int) -> str:
        raise NotImplementedError
