"""The public address: where the call service posts news, asked as the service would ask."""

import ipaddress
import socket
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.client import HTTPException

from django.conf import settings
from django.utils.translation import gettext as _

from calls.models import WebhookEvent
from calls.services import probing
from obzvon_site.accounts.models import ApiAccount
from obzvon_site.common import reaching
from obzvon_site.common.reaching import Answer, NotAnAddress, Resolve, Target
from obzvon_site.doctor.findings import Finding, State, bad, ok, warning

# Nobody's address of webhooks: our own view says that it knows no such one, and keeps nothing.
PROBE = "/hooks/doctor/step/"
EXPECTED = (404, b"not found")
HEADERS = {"User-Agent": "obzvon-doctor", "Content-Type": "application/json"}
RECENT = timedelta(hours=1)


def address(now: datetime, *, resolve: Resolve = socket.getaddrinfo) -> Iterator[Finding]:
    """Whether webhooks can come. The answer is waited for as long as a test of one is."""
    try:
        target = Target.of(settings.PUBLIC_URL + PROBE)
        found = reaching.addresses_of(target, resolve=resolve, is_private_allowed=True)
    except NotAnAddress as error:
        yield bad("address.public", f"PUBLIC_URL: {error}", _advice())
        return
    yield _public(found)
    if not target.is_secure and not _is_home(found):
        yield warning(
            "address.https",
            _("PUBLIC_URL начинается с http://: номера и ответы абонентов идут открыто."),
            _("Поставьте перед obzvon nginx с сертификатом, см. docs/deployment.md."),
        )
    yield _answer(target, found, now)


def _public(found: list[str]) -> Finding:
    private = [one for one in found if not reaching.is_public(ipaddress.ip_address(one))]
    values = {"url": settings.PUBLIC_URL}
    if not private:
        return ok("address.public", _("Адрес для вебхуков: %(url)s.") % values)
    if not _real_accounts():
        said = _("Адрес для вебхуков %(url)s виден только здесь. Эмулятору этого хватает.")
        return ok("address.public", said % values)
    said = _("Адрес для вебхуков %(url)s из интернета не виден: сервис звонков до него не дойдёт.")
    return bad("address.public", said % values, _advice())


def _is_home(found: list[str]) -> bool:
    return all(ipaddress.ip_address(one).is_loopback for one in found)


def _advice() -> str:
    return _("Впишите в PUBLIC_URL адрес, по которому эту установку видно из интернета.")


def _answer(target: Target, found: list[str], now: datetime) -> Finding:
    try:
        answer = reaching.post(target, found, headers=HEADERS, body=b"{}")
    except (OSError, HTTPException, ValueError) as error:
        return _no_answer(probing.why_not(error, target), now)
    if (answer.status, answer.body.strip()) == EXPECTED:
        return ok("address.answers", _("По адресу для вебхуков отвечает obzvon."))
    said = _("По адресу для вебхуков отвечает не obzvon: код %d.") % answer.status
    return bad("address.answers", said, _what_to_do(answer))


def _no_answer(why: str, now: datetime) -> Finding:
    """From inside a network its own public address may be out of reach: then news prove it."""
    came = WebhookEvent.objects.filter(received_at__gt=now - RECENT, account__in=_real_accounts())
    state: State = "warning" if came.exists() else "bad"
    said = _("Адрес для вебхуков с этой машины не отвечает. %s") % why
    advice = _(
        "Вебхуки приходят, значит, снаружи адрес виден."
        if state == "warning"
        else "Проверьте nginx, сертификат и запись DNS; снаружи адрес можно проверить с телефона."
    )
    return Finding("address.answers", state, said, advice)


def _real_accounts() -> list[ApiAccount]:
    return [account for account in ApiAccount.objects.active() if not account.is_emulator]


def _what_to_do(answer: Answer) -> str:
    if answer.location:
        return _("Там перенаправляют на %s: впишите в PUBLIC_URL конечный адрес.") % answer.location
    if answer.status == 400:
        return _("Добавьте имя из PUBLIC_URL в OBZVON_HOSTS.")
    if answer.status in (502, 503, 504):
        return _("nginx отвечает, а obzvon за ним нет: запустите веб-процесс.")
    return _("Проверьте, что nginx передаёт сюда /hooks/ и что PUBLIC_URL вписан верно.")
