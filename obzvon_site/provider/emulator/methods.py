"""The service's methods: what a request means, what it changes, what it is answered.

Source: the API document; where it is silent, what other clients have seen.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from obzvon_site.provider.emulator import script
from obzvon_site.provider.emulator.demands import (
    IDS_MAX,
    PHONES_MAX,
    TEXT_MAX,
    URL_MAX,
    Complaint,
    Upload,
    check_record,
    check_steps,
    flag,
    invalid,
    length,
    masked,
    record_ids,
    step_body,
    synthesised,
)
from obzvon_site.provider.emulator.demands import (
    phones as phones_of,
)
from obzvon_site.provider.emulator.script import Prices
from obzvon_site.provider.emulator.store import Store, clock

REJECTED_WORD = "брак"  # a record with it in its name does not pass moderation


@dataclass
class Service:
    """The account and its rules."""

    store: Store
    folder: Path
    key: str
    base_url: str = ""
    seed: int = 1
    speed: float = 1.0
    moderation_seconds: float = 8.0
    prices: Prices = field(default_factory=Prices)
    phones: list[tuple[str, bool]] = field(
        default_factory=lambda: [
            ("74950000001", True),
            ("74950000002", True),
            ("78120000003", False),
        ]
    )

    def answer(self, method: str, body: Mapping[str, Any], file: Upload | None) -> Any:
        """Do ``method`` and return what goes into ``data``. Raises Complaint."""
        does = METHODS.get(method)
        if does is None:
            raise Complaint(404, "Not found")
        if body.get("apiKey") != self.key:
            raise Complaint(401, "Неверный API-ключ")
        return does(self, body, file)

    # create

    def create(self, body: Mapping[str, Any], _file: Upload | None) -> Any:
        now = clock()
        phones = phones_of(body)
        self._check_order(body, phones)
        if self.store.balance(now) <= 0:
            raise Complaint(402, "Недостаточно средств на балансе")
        self.store.charge(synthesised(body) * self.prices.synthesis)
        message = {name: body[name] for name in ("record", "recognize", "ivrs") if name in body}
        lengths, approved_at = self._records_of(message, now)
        entries: list[dict[str, Any]] = []
        calls: list[dict[str, Any]] = []
        for phone in phones:
            if words := self._refusal(phone, now):
                entries.append({"status": "error", "phone": phone, "message": words})
                continue
            call = self._call(body, message, phone, now, lengths, approved_at)
            calls.append(call)
            entries.append(
                {
                    "phone": phone,
                    "createdAt": int(now),
                    "needRecording": call["need_recording"],
                    "plannedAt": int(call["planned_at"]) if call["planned_at"] else None,
                }
            )
        ids = iter(self.store.add_calls(masked(body), calls) if calls else [])
        return [{**entry} if "status" in entry else {"id": next(ids), **entry} for entry in entries]

    def _call(
        self,
        body: Mapping[str, Any],
        message: Mapping[str, Any],
        phone: str,
        now: float,
        lengths: Mapping[int, float],
        approved_at: float | None,
    ) -> dict[str, Any]:
        """One row: its whole future is drawn here and never changes."""
        line = script.draw(message, phone, self.seed, lengths)
        planned = float(body["plannedAt"]) if body.get("plannedAt") else None
        starts = None if approved_at is None else max(now, planned or now, approved_at)
        url = body.get("webhookUrl") or None

        def real(seconds: float) -> float | None:
            return None if starts is None else starts + seconds / self.speed

        return {
            "phone": phone,
            "created_at": now,
            "planned_at": planned,
            "starts_at": starts,
            "ends_at": real(line["finished"]),
            "speed": self.speed,
            "need_recording": flag(body.get("needRecording")),
            "line": json.dumps(line, ensure_ascii=False),
            "cost": script.cost(line, self.prices),
            "blocks_at": real(line["finished"]) if line["block"] else None,
            "webhook_url": url,
            "webhook_at": real(0.2) if url else None,
            "hooks": [
                {
                    "at": real(at),
                    "url": hook,
                    "phone": phone,
                    "body": step_body(phone, said, given),
                }
                for at, hook, given, said in line.get("hooks", [])
            ],
        }

    def _refusal(self, phone: str, now: float) -> str:
        """Why this phone is not called although the order as a whole is accepted."""
        if phone.endswith("08"):
            return "Номер недоступен для вызова"
        if self.store.is_blocked(phone, now):
            return "Номер находится в черном списке"
        return ""

    def _records_of(
        self, message: Mapping[str, Any], now: float
    ) -> tuple[dict[int, float], float | None]:
        """Lengths of the records played, and when the last is approved (None: never)."""
        lengths: dict[int, float] = {}
        approved: float | None = now
        for number in sorted(record_ids(message)):
            record = self.store.record(number)
            if record is None:
                raise invalid("record.id", "Аудиоролик не найден")
            lengths[number] = record["seconds"]
            if record["verdict"] == "rejected":
                approved = None
            elif approved is not None:
                approved = max(approved, record["moderated_at"])
        return lengths, approved

    def _check_order(self, body: Mapping[str, Any], phones: list[str]) -> None:
        problems: dict[str, list[str]] = {}
        if not phones:
            problems["phone"] = ["Поле phone обязательно, когда phones отсутствует"]
        if len(phones) > PHONES_MAX:
            problems["phones"] = [f"Не больше {PHONES_MAX} номеров"]
        for place, phone in enumerate(phones):
            if not (len(phone) == 11 and phone.isdigit() and phone[0] == "7"):
                problems[f"phones.{place}"] = ["Номер должен состоять из 11 цифр и начинаться с 7"]
        if not flag(body.get("dutyPhone")):
            caller = str(body.get("outgoingPhone") or "")
            if not caller:
                problems["outgoingPhone"] = ["Поле outgoingPhone обязательно, когда нет dutyPhone"]
            elif (caller, True) not in self.phones:
                problems["outgoingPhone"] = ["Номер не добавлен или не подтвержден"]
        if len(str(body.get("webhookUrl") or "")) > URL_MAX:
            problems["webhookUrl"] = [f"Не длиннее {URL_MAX} символов"]
        check_record("record", body.get("record"), problems, is_required=True)
        check_steps("ivrs", body.get("ivrs") or [], problems)
        if problems:
            raise Complaint(422, "Переданы неверные данные", problems)

    # get

    def get(self, body: Mapping[str, Any], _file: Upload | None) -> Any:
        ids = body.get("apiCallIdList")
        if isinstance(ids, str | int):
            ids = [ids]
        if ids is not None and len(ids) > IDS_MAX:
            raise invalid("apiCallIdList", f"Не больше {IDS_MAX} звонков")
        try:
            wanted = None if ids is None else [int(number) for number in ids]
        except (TypeError, ValueError) as error:
            raise invalid("apiCallIdList", "Ожидается список чисел") from error
        now = clock()
        return [self.shown(row, now) for row in self.store.calls(wanted)]

    def shown(self, row: Any, now: float) -> dict[str, Any]:
        """A call as get and webhooks show it at ``now``."""
        line = json.loads(row["line"])
        seconds = -1.0 if row["starts_at"] is None else (now - row["starts_at"]) * row["speed"]
        status = script.status_at(line, seconds)
        is_over = status == line["status"] and seconds >= line["finished"]

        def moment(name: str) -> int | None:
            if name not in line or seconds < line[name]:
                return None
            return int(row["starts_at"] + line[name] / row["speed"])

        said = line["answers"] if is_over else []
        digits = [answer for answer in said if answer.isdigit()]
        news = {
            "id": row["id"] + 1_000_000,
            "phone": row["phone"],
            "status": status,
            "ivrDigit": int(digits[-1]) if digits else None,
            "ivrAnswers": f"|{'|'.join(said)}|" if said else None,
            "startedAt": moment("started"),
            "answeredAt": moment("answered"),
            "managerStartedAt": moment("manager_started"),
            "managerAnsweredAt": moment("manager_answered"),
            "managerStatus": line.get("manager") if is_over else None,
            "finishedAt": moment("finished"),
            "toBlock": int(bool(line["block"] and is_over)),
            "hangupCause": line["hangup"] if is_over else None,
            "recordFilePath": self._recording_url(row, line) if is_over else None,
            "cost": f"{row['cost']:.2f}" if is_over else None,
            "comment": None,
            "createdAt": int(row["created_at"]),
            "updatedAt": int(self._updated_at(row, line, seconds)),
        }
        return {
            "id": row["id"],
            "phone": row["phone"],
            "createdAt": int(row["created_at"]),
            "needRecording": row["need_recording"],
            "plannedAt": int(row["planned_at"]) if row["planned_at"] else None,
            "webhookTry": row["webhook_try"],
            "webhookSent": row["webhook_sent"],
            "calls": [news],
        }

    def _updated_at(self, row: Mapping[str, Any], line: Mapping[str, Any], seconds: float) -> float:
        """When the status last changed."""
        passed = [at for at, _status in script.moments(line) if at <= seconds]
        return float(row["starts_at"] + passed[-1] / row["speed"] if passed else row["created_at"])

    def _recording_url(self, row: Mapping[str, Any], line: Mapping[str, Any]) -> str | None:
        if not row["need_recording"] or "answered" not in line:
            return None
        return f"{self.base_url}/media/recordings/{row['id']}.wav"

    # Records

    def create_record(self, body: Mapping[str, Any], file: Upload | None) -> Any:
        name, source = str(body.get("name") or "").strip(), body.get("source")
        text = str(body.get("text") or "")
        if not name:
            raise invalid("name", "Поле name обязательно")
        if source not in {"text", "file"}:
            raise invalid("source", "Поле source должно быть text или file")
        if source == "text" and not 0 < len(text.strip()) <= TEXT_MAX:
            raise invalid("text", f"Текст от 1 до {TEXT_MAX} символов")
        if source == "file" and (file is None or not file.size):
            raise invalid("file", "Поле file обязательно, когда source=file")
        if source == "text":
            self.store.charge(self.prices.synthesis)
        now = clock()
        number = self.store.add_record(
            {
                "name": name,
                "source": source,
                "text": text if source == "text" else None,
                "gender": int(body.get("gender") or 0),
                "file": file.path.name if file and source == "file" else None,
                "seconds": length(text, file),
                "created_at": now,
                "moderated_at": now + self.moderation_seconds / self.speed,
                "verdict": "rejected" if REJECTED_WORD in name.lower() else "approved",
            }
        )
        return self._shown_record(self.store.record(number), now)

    def remove_record(self, body: Mapping[str, Any], _file: Upload | None) -> Any:
        number = body.get("id")
        record = self.store.record(int(str(number))) if str(number or "").isdigit() else None
        if record is None:
            raise Complaint(404, "Аудиоролик не найден")
        now = clock()
        self.store.run("UPDATE record SET deleted_at = ? WHERE id = ?", [now, record["id"]])
        return {**self._shown_record(record, now), "deletedAt": int(now)}

    def get_records(self, _body: Mapping[str, Any], _file: Upload | None) -> Any:
        now = clock()
        rows = self.store.rows("SELECT * FROM record WHERE deleted_at IS NULL ORDER BY id")
        return [self._shown_record(row, now) for row in rows]

    def _shown_record(self, row: Any, now: float) -> dict[str, Any]:
        is_moderated = row["moderated_at"] <= now
        status = row["verdict"] if is_moderated else "moderation"
        comment = "Плохо слышно название компании" if status == "rejected" else ""
        return {
            "id": row["id"],
            "createdAt": int(row["created_at"]),
            "needModeration": int(not is_moderated),
            "moderatorComment": comment,
            "name": row["name"],
            "path": f"{self.base_url}/media/records/{row['id']}.wav",
            "status": status,
            "recordText": row["text"],
        }

    # Account

    def user_info(self, _body: Mapping[str, Any], _file: Upload | None) -> Any:
        return {"id": 1, "balance": f"{self.store.balance(clock()):.2f}"}

    def get_phones(self, _body: Mapping[str, Any], _file: Upload | None) -> Any:
        return [{"phone": phone, "enable": is_confirmed} for phone, is_confirmed in self.phones]


METHODS: dict[str, Callable[[Service, Mapping[str, Any], Upload | None], Any]] = {
    "create": Service.create,
    "get": Service.get,
    "createRecord": Service.create_record,
    "removeRecord": Service.remove_record,
    "userInfo": Service.user_info,
    "getPhones": Service.get_phones,
    "getRecords": Service.get_records,
}
