"""A test of a webhook: one request as the call service would send it, and what came of it."""

import json
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from obzvon_site.common import reaching
from obzvon_site.common.reaching import Answer, NotAnAddress, Resolve, Target

ANSWER_LENGTH = 300  # characters shown
CALL = {"phone": "79000000000", "answer": 1}  # of the API document's example of a step's webhook
HEADERS = {"User-Agent": "obzvon", "Content-Type": "application/json"}

# What went wrong on the way and what to do, the closest class first.
_FAILURES: tuple[tuple[type[Exception], str | Promise], ...] = (
    (
        ssl.SSLCertVerificationError,
        _(
            "Сертификат «%(host)s» не принят (%(reason)s). Сервис звонков может не прислать "
            "запрос: обновите сертификат."
        ),
    ),
    (ssl.SSLError, _("С «%(host)s» не удалось договориться о шифровании: там точно https?")),
    (
        ConnectionRefusedError,
        _(
            "«%(host)s» не принял соединение: на порту %(port)d никто не слушает. Проверьте адрес "
            "и то, что программа запущена."
        ),
    ),
    (
        TimeoutError,
        _(
            "«%(host)s» не ответил за %(seconds)d с. Проверьте адрес и сеть. Если запрос там "
            "обрабатывают долго, пусть сначала ответят, потом работают."
        ),
    ),
    (
        ConnectionError,
        _("«%(host)s» оборвал соединение или ответил не по HTTP. Проверьте адрес и порт."),
    ),
    (OSError, _("До «%(host)s» не дойти: проверьте адрес и сеть.")),
    (Exception, _("«%(host)s» ответил не по HTTP. Проверьте адрес и порт.")),
)
# What an answer means: by its code, else by its hundred.
_ANSWERS: dict[int, str | Promise] = {
    2: _("Запрос дошёл, ответ %(status)d."),
    3: _("Перенаправляет (ответ %(status)d). Сервис звонков может туда не пойти."),
    4: _("Запрос дошёл, но его не приняли: ответ %(status)d. Сверьте параметры."),
    5: _("Запрос дошёл, но сервер не справился: ответ %(status)d. Загляните в его журнал."),
    401: _("Запрос дошёл, но его не пустили: ответ 401. Проверьте ключ."),
    403: _("Запрос дошёл, но его не пустили: ответ 403. Проверьте ключ."),
    404: _("Сервер есть, но такого адреса на нём нет: ответ 404. Проверьте адрес."),
    405: _("Адрес не принимает POST: ответ 405. Проверьте адрес."),
}
_UNEXPECTED = _("Неожиданный ответ %(status)d. Проверьте адрес.")


@dataclass(frozen=True, slots=True)
class Probe:
    """What came of a test. ``sentence`` says what happened and what to do."""

    is_ok: bool  # the receiver took it: 2xx
    status: int | None  # None: no answer
    milliseconds: int
    sentence: str
    answer: str = ""  # the first of the body's text, on one line


def probe(
    url: str, parameters: Mapping[str, str], *, resolve: Resolve = socket.getaddrinfo
) -> Probe:
    """Post what the service would post at a step with this webhook. Sent once, never repeated.

    Takes at most eight seconds. Where it may go: see ``reaching``. Source of the body: API
    document, «ivrs.*.webhookUrl».
    """
    began = time.monotonic()
    try:
        target = Target.of(url)
        addresses = reaching.addresses_of(
            target, resolve=resolve, is_private_allowed=settings.WEBHOOK_TEST_PRIVATE
        )
    except NotAnAddress as error:
        return Probe(False, None, _passed(began), str(error))
    began = time.monotonic()  # looking up the name is not the receiver's time
    try:
        answer = reaching.post(target, addresses, headers=HEADERS, body=_body(parameters))
    except (OSError, HTTPException, ValueError) as error:
        return Probe(False, None, _passed(began), why_not(error, target))
    is_ok = 200 <= answer.status < 300
    text = _text(answer)[:ANSWER_LENGTH]
    return Probe(is_ok, answer.status, _passed(began), _meaning(answer), text)


def host_of(url: str) -> str:
    """The host that a test of ``url`` would ask; empty when it would ask none."""
    try:
        return Target.of(url).host
    except NotAnAddress:
        return ""


def _passed(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


def _body(parameters: Mapping[str, str]) -> bytes:
    # The service's own part stands first and cannot be replaced by a parameter of its name.
    return json.dumps({"call": CALL} | dict(parameters) | {"call": CALL}).encode()


def why_not(error: Exception, target: Target) -> str:
    """What kept the request from its answer, and what to do."""
    sentence = next(words for kind, words in _FAILURES if isinstance(error, kind))
    return str(sentence) % {
        "host": target.host,
        "port": target.port,
        "seconds": round(reaching.EXCHANGE_SECONDS),
        "reason": getattr(error, "verify_message", ""),
    }


def _meaning(answer: Answer) -> str:
    status, hundred = answer.status, answer.status // 100
    said = str(_ANSWERS.get(status) or _ANSWERS.get(hundred, _UNEXPECTED)) % {"status": status}
    if hundred == 3 and (location := _line(answer.location)[:255]):
        said += " " + gettext("Впишите сразу %(location)s") % {"location": location}
    return said


def _text(answer: Answer) -> str:
    try:
        return _line(answer.body.decode(answer.charset, "replace"))
    except (LookupError, ValueError):
        return _line(answer.body.decode("utf-8", "replace"))


def _line(text: str) -> str:
    """On one line, without what cannot be seen."""
    return "".join(sign for sign in " ".join(text.split()) if sign.isprintable())
