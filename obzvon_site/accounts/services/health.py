"""What works, what is slow, what has stopped, and what to do about it."""

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.conf import settings
from django.db import connection
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from obzvon_site.accounts.models import Exchange, Heartbeat, Tick
from obzvon_site.accounts.services.workers import Post, posts
from obzvon_site.common.engine import QUEUES, engine_facts

State = Literal["ok", "slow", "down"]
GIGABYTE = 1024**3
RECENT = timedelta(minutes=15)
LAST_EXCHANGES = 20
# Periodic work in words; what is not here is shown by its own name.
WORK = {
    "accounts.balance": gettext_lazy("Баланс"),
    "accounts.retention": gettext_lazy("Уборка журнала обменов"),
    "calls.dispatch": gettext_lazy("Отправка звонков"),
    "calls.fold": gettext_lazy("Разбор вебхуков"),
    "calls.prepare": gettext_lazy("Подготовка обзвонов"),
    "calls.expire": gettext_lazy("Окончание обзвонов в срок"),
    "calls.guards": gettext_lazy("Предохранители обзвонов"),
    "calls.poll": gettext_lazy("Опрос идущих звонков"),
    "calls.reconcile": gettext_lazy("Проверка неподтверждённых звонков"),
    "calls.import": gettext_lazy("Загрузка списков контактов"),
    "calls.forget": gettext_lazy("Удаление убранных списков"),
    "calls.days": gettext_lazy("Сверка дней со списком сервиса"),
    "calls.retention": gettext_lazy("Удаление старых вебхуков"),
    "calls.keeping": gettext_lazy("Удаление старых записей разговоров"),
    "calls.recordings": gettext_lazy("Загрузка записей разговоров"),
    "calls.stop": gettext_lazy("Отмена остановленных обзвонов"),
    "records.refresh": gettext_lazy("Модерация аудиороликов"),
    "records.send": gettext_lazy("Отправка аудиороликов"),
}


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the page."""

    name: str
    state: State
    value: str
    advice: str = ""  # what to do when it is not ok

    @property
    def tone(self) -> str:
        """The colour of the badge."""
        return {"ok": "ok", "slow": "warn", "down": "bad"}[self.state]

    @property
    def word(self) -> str:
        """The state in words."""
        return {"ok": _("Работает"), "slow": _("Медленно"), "down": _("Стоит")}[self.state]


def checks(*, now: datetime) -> list[Check]:
    """Everything the page shows, in its order."""
    return [
        database(),
        disk(),
        *(_worker(name, now) for name in QUEUES),
        queue(now),
        failures(now),
        _service(now),
        *ticks(now),
    ]


def database() -> Check:
    """How fast it answers."""
    started = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    milliseconds = round((time.monotonic() - started) * 1000)
    value = _("%(engine)s, ответ за %(ms)d мс") % {
        "engine": connection.display_name,
        "ms": milliseconds,
    }
    advice = _("База отвечает медленно: проверьте диск и нагрузку машины.")
    return Check(_("База данных"), "ok" if milliseconds < 200 else "slow", value, advice)


def disk() -> Check:
    """The room left for calls, files and recordings."""
    free = shutil.disk_usage(settings.DATA_DIR).free / GIGABYTE
    state: State = "ok" if free >= 2 else "slow" if free >= 0.3 else "down"
    value = _("свободно %s ГБ") % number_format(free, decimal_pos=1)
    advice = _("Освободите место: без него не сохранить ни звонок, ни запись разговора.")
    return Check(_("Диск"), state, value, advice)


def workers(*, now: datetime) -> list[Check]:
    """A line for each queue on each machine, as its workers tell of themselves."""
    return [_post(post, now) for post in posts(now)]


def _post(post: Post, now: datetime) -> Check:
    name = _("%(host)s, «%(queue)s»") % {"host": post.host, "queue": post.queue}
    age = span(post.silent_for(now))
    if not post.alive:
        advice = _("Посмотрите журнал той машины и видит ли она базу.")
        return Check(name, "down", _("молчит %s") % age, advice)
    text = ngettext(
        "%(count)d процесс, версия %(version)s, последний знак %(age)s назад",
        "процессов: %(count)d, версия %(version)s, последний знак %(age)s назад",
        post.alive,
    )
    values = {"count": post.alive, "version": post.version, "age": age}
    return Check(name, "ok", text % values)


def _worker(queue_name: str, now: datetime) -> Check:
    name = _("Исполнитель «%s»") % queue_name
    last = _last_sign(queue_name)
    advice = _("Перезапустите obzvon и посмотрите, что он пишет при запуске.")
    if last is None:
        return Check(name, "down", _("за последний час ничего не сделал"), advice)
    state = _by_age(now - last, slow=timedelta(minutes=2), down=timedelta(minutes=5))
    said = _("последняя работа %s назад") if settings.EMBEDDED else _("последний знак %s назад")
    return Check(name, state, said % span(now - last), advice)


def _last_sign(queue_name: str) -> datetime | None:
    """The end of its last task, or the sign of life of a worker that may have none to do."""
    if settings.EMBEDDED:
        return engine_facts().last_finished(queue_name)
    rows = (row for row in Heartbeat.objects.all() if queue_name in row.queue_names)
    return max((row.heard_at for row in rows), default=None)


def queue(now: datetime) -> Check:
    """What waits for a worker, judged by the oldest."""
    waiting = engine_facts().waiting(now)
    count, oldest = waiting.count, waiting.since
    if not count or oldest is None:
        return Check(_("Очередь задач"), "ok", _("пуста"))
    state = _by_age(now - oldest, slow=timedelta(seconds=30), down=timedelta(minutes=5))
    value = ngettext(
        "%(count)d задача, ждёт %(age)s", "%(count)d задач, старшая ждёт %(age)s", count
    )
    advice = _("Исполнители не успевают или стоят: посмотрите строки выше.")
    return Check(
        _("Очередь задач"), state, value % {"count": count, "age": span(now - oldest)}, advice
    )


def failures(now: datetime) -> Check:
    """Tasks that ended with an error."""
    failed = engine_facts().failed(now - timedelta(hours=1))
    if not failed.count:
        return Check(_("Сбои задач"), "ok", _("за час ни одного"))
    value = _("за час %(count)d, последний: %(task)s, %(error)s")
    value %= {"count": failed.count, "task": failed.task, "error": failed.error}
    advice = _("Работа не потеряна, её повторит обход. Если сбои идут подряд, отправьте отчёт.")
    return Check(_("Сбои задач"), "slow", value, advice)


def _service(now: datetime) -> Check:
    name = _("Сервис звонков")
    rows = Exchange.objects.filter(sent_at__gt=now - RECENT).order_by("-sent_at", "-id")
    last = list(rows.values_list("milliseconds", "outcome")[:LAST_EXCHANGES])
    if not last:
        return Check(name, "ok", _("за 15 минут не спрашивали"))
    silent = {Exchange.Outcome.NOT_SENT, Exchange.Outcome.UNKNOWN}
    answered = [milliseconds for milliseconds, outcome in last if outcome not in silent]
    advice = _("Проверьте адрес API и сеть. Звонки не потеряны: отправим, когда сервис ответит.")
    if not answered:
        return Check(name, "down", _("не отвечает"), advice)
    average = round(sum(answered) / len(answered))
    is_ok = average < 2000 and len(answered) == len(last)
    value = _("в среднем %(ms)d мс, без ответа %(lost)d из %(all)d") % {
        "ms": average,
        "lost": len(last) - len(answered),
        "all": len(last),
    }
    return Check(name, "ok" if is_ok else "slow", value, advice)


def ticks(now: datetime) -> Iterator[Check]:
    """Periodic work by name: claimed on time, late, or not for a long while."""
    latest = list(Tick.objects.latest_each())
    advice = _("Супервизор не раздаёт работу: перезапустите obzvon.")
    if not latest:
        yield Check(_("Расписание"), "down", _("ещё не работало"), advice)
    for tick in latest:
        period = timedelta(seconds=tick.seconds)
        grace = timedelta(seconds=20)
        state = _by_age(now - tick.at, slow=2 * period + grace, down=5 * period + grace)
        value = _("%(age)s назад, каждые %(period)s") % {
            "age": span(now - tick.at),
            "period": span(period),
        }
        yield Check(str(WORK.get(tick.name, tick.name)), state, value, advice)


def _by_age(age: timedelta, *, slow: timedelta, down: timedelta) -> State:
    return "down" if age > down else "slow" if age > slow else "ok"


def span(age: timedelta) -> str:
    """A length of time in one number: ``5 мин``."""
    seconds = max(0, round(age.total_seconds()))
    if seconds < 120:
        return _("%d с") % seconds
    if seconds < 7200:
        return _("%d мин") % (seconds // 60)
    return _("%d ч") % (seconds // 3600)
