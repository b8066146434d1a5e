"""The workers: someone at every queue, all of one version and one set of secrets."""

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from obzvon_site.accounts.models import Heartbeat
from obzvon_site.accounts.services import health
from obzvon_site.accounts.services.workers import Post, posts
from obzvon_site.common.engine import QUEUES
from obzvon_site.common.installation import version
from obzvon_site.common.secrets import fingerprint
from obzvon_site.doctor.findings import Finding, bad, ok, warning


def working(now: datetime) -> Iterator[Finding]:
    """Who works where, and who is missed."""
    found = posts(now)
    for queue in QUEUES:
        yield _queue(queue, [post for post in found if post.queue == queue])
    yield from (_silent(post, now) for post in found if not post.alive)
    alive = list(Heartbeat.objects.alive(now))
    yield from _version(alive)
    yield from _keys(alive)


def _queue(queue: str, found: list[Post]) -> Finding:
    code = f"workers.{queue}"
    there = [post for post in found if post.alive]
    if not there:
        start = (
            _("Запустите obzvon: manage.py up.")
            if settings.EMBEDDED
            else _("Запустите исполнителя: manage.py worker --queues %s.") % queue
        )
        return bad(code, _("Очередь «%s» никто не исполняет.") % queue, start)
    places = ", ".join(f"{post.host} ({post.alive})" for post in there)
    return ok(code, _("Очередь «%(queue)s»: %(places)s.") % {"queue": queue, "places": places})


def _silent(post: Post, now: datetime) -> Finding:
    said = _("Исполнитель «%(queue)s» на %(host)s молчит %(age)s.") % {
        "queue": post.queue,
        "host": post.host,
        "age": health.span(post.silent_for(now)),
    }
    advice = _(
        "Если его остановили нарочно, строка исчезнет через час. Иначе посмотрите его журнал "
        "и видит ли та машина базу."
    )
    return warning("workers.silent", said, advice)


def _version(alive: list[Heartbeat]) -> Iterator[Finding]:
    own = version()
    others = sorted({f"{row.host} {row.version}" for row in alive if row.version != own})
    if others:
        yield warning(
            "workers.version",
            _("Здесь версия %(own)s, а у исполнителей другая: %(others)s.")
            % {"own": own, "others": ", ".join(others)},
            _("Обновите и перезапустите их: все машины должны быть одной версии."),
        )


def _keys(alive: list[Heartbeat]) -> Iterator[Finding]:
    own = fingerprint()
    others = sorted({row.host for row in alive if row.keys not in ("", own)})
    if others:
        yield bad(
            "workers.keys",
            _("SECRET_KEY или OBZVON_FIELD_KEYS там другие: %s. Ключи API там не читаются.")
            % ", ".join(others),
            _("Дайте всем машинам одни и те же значения и перезапустите исполнителей."),
        )
