"""«Send a test» of a webhook: one request from our server, and what came of it."""

import json
from dataclasses import replace

from django.contrib.auth.decorators import login_required, permission_required
from django.core.cache import cache
from django.core.exceptions import RequestDataTooBig
from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from calls.ivr.check import Problem
from calls.ivr.document import OWN_WEBHOOK, NotADocument, Webhook
from calls.services import probing
from calls.services.probing import Probe
from obzvon_site.accounts.models import AuditEvent
from obzvon_site.common.http import Request
from obzvon_site.provider.limits import LIMITS

MOST_A_MINUTE = 10  # by one person: our server is no tool to flood others with
MOST_BYTES = 64 * 1024


class Malformed(Exception):
    """Nothing to try; the message is a sentence for the operator."""


@require_POST
@login_required
@permission_required("calls.change_scenario", raise_exception=True)
def probe(request: Request) -> HttpResponse:
    """Try a step's webhook. What came of it is an answer of 200, whatever it is."""
    try:
        webhook = _webhook(request)
    except Malformed as error:
        return JsonResponse({"error": str(error)}, status=422)
    if webhook.url == OWN_WEBHOOK:
        return _told(_own())
    if _is_too_often(request.user.pk):
        sentence = _("Не больше %(count)d проверок в минуту. Подождите немного.")
        return JsonResponse({"error": sentence % {"count": MOST_A_MINUTE}}, status=429)
    # Only the host: a key may stand in the rest of the address or among the parameters.
    if host := probing.host_of(webhook.url):
        AuditEvent.note(request.user, "webhook.tested", host)
    return _told(probing.probe(webhook.url, dict(webhook.parameters)))


def _webhook(request: Request) -> Webhook:
    """What to try. Raises Malformed."""
    webhook = _read(request)
    if not webhook.url:
        raise Malformed(_("Введите адрес вебхука."))
    limit = LIMITS["webhook_url"].max
    if over := max(0, len(webhook.url) - limit):
        raise Malformed(Problem("", "webhook_long", {"limit": limit, "over": over}).sentence)
    return webhook


def _read(request: Request) -> Webhook:
    try:
        body = request.body
    except RequestDataTooBig:
        body = b" " * (MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise Malformed(_("Параметров слишком много: сократите."))
    try:
        read = Webhook.from_json(json.loads(body))
    except NotADocument as error:
        raise Malformed(str(error)) from error
    except (ValueError, RecursionError) as error:
        raise Malformed(_("Запрос не удалось прочитать.")) from error
    return replace(read, url=read.url.strip())


def _is_too_often(user_id: int) -> bool:
    key = f"webhook-tests-{user_id}"
    cache.add(key, 0, timeout=60)
    try:
        return cache.incr(key) > MOST_A_MINUTE
    except ValueError:  # the minute has just ended
        return False


def _own() -> Probe:
    sentence = _(
        "Это наш собственный адрес: запросы на него принимает обзвон, а ответы абонентов видны на "
        "странице звонка. Проверять нечего."
    )
    return Probe(is_ok=True, status=None, milliseconds=0, sentence=sentence)


def _told(tried: Probe) -> HttpResponse:
    return JsonResponse(
        {
            "ok": tried.is_ok,
            "status": tried.status,
            "ms": tried.milliseconds,
            "sentence": tried.sentence,
            "answer": tried.answer,
        }
    )
