"""What works, what is slow, what has stopped, and what to do about it."""

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.conf import settings
from django.db import connection
from django.db.models import Max
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_tasks_db.models import DBTaskResult

from obzvon_site.accounts.models import Exchange, Tick

State = Literal["ok", "slow", "down"]
QUEUES = ("calls", "default")
GIGABYTE = 1024**3
RECENT = timedelta(minutes=15)
LAST_EXCHANGES = 20
# Periodic work in words; what is not here is shown by its own name.
WORK = {
    "accounts.balance": gettext_lazy("Баланс"),
    "accounts.retention": gettext_lazy("Уборка журнала обменов"),
    "calls.dispatch": gettext_lazy("Отправка звонков"),
    "calls.fold": gettext_lazy("Разбор вебхуков"),
    "calls.poll": gettext_lazy("Опрос идущих звонков"),
    "calls.reconcile": gettext_lazy("Проверка неподтверждённых звонков"),
    "calls.recordings": gettext_lazy("Загрузка записей разговоров"),
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
        _database(),
        _disk(),
        *(_worker(queue, now) for queue in QUEUES),
        _queue(now),
        _failures(now),
        _service(now),
        *_ticks(now),
    ]


def _database() -> Check:
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


def _disk() -> Check:
    free = shutil.disk_usage(settings.DATA_DIR).free / GIGABYTE
    state: State = "ok" if free >= 2 else "slow" if free >= 0.3 else "down"
    value = _("свободно %s ГБ") % number_format(free, decimal_pos=1)
    advice = _("Освободите место: без него не сохранить ни звонок, ни запись разговора.")
    return Check(_("Диск"), state, value, advice)


def _worker(queue: str, now: datetime) -> Check:
    name = _("Исполнитель «%s»") % queue
    done = DBTaskResult.objects.finished().filter(queue_name=queue)
    last = done.aggregate(last=Max("finished_at"))["last"]
    advice = _("Перезапустите obzvon и посмотрите, что он пишет при запуске.")
    if last is None:
        return Check(name, "down", _("за последний час ничего не сделал"), advice)
    state = _by_age(now - last, slow=timedelta(minutes=2), down=timedelta(minutes=5))
    return Check(name, state, _("последняя работа %s назад") % _span(now - last), advice)


def _queue(now: datetime) -> Check:
    ready = DBTaskResult.objects.ready()
    count = ready.count()
    if not count:
        return Check(_("Очередь задач"), "ok", _("пуста"))
    oldest = ready.order_by("enqueued_at").values_list("enqueued_at", flat=True)[0]
    state = _by_age(now - oldest, slow=timedelta(seconds=30), down=timedelta(minutes=5))
    value = ngettext(
        "%(count)d задача, ждёт %(age)s", "%(count)d задач, старшая ждёт %(age)s", count
    )
    advice = _("Исполнители не успевают или стоят: посмотрите строки выше.")
    return Check(
        _("Очередь задач"), state, value % {"count": count, "age": _span(now - oldest)}, advice
    )


def _failures(now: datetime) -> Check:
    failed = DBTaskResult.objects.failed().filter(finished_at__gt=now - timedelta(hours=1))
    count = failed.count()
    if not count:
        return Check(_("Сбои задач"), "ok", _("за час ни одного"))
    last = failed.order_by("-finished_at")
    task, error = last.values_list("task_path", "exception_class_path")[0]
    value = _("за час %(count)d, последний: %(task)s, %(error)s")
    value %= {"count": count, "task": task, "error": error}
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


def _ticks(now: datetime) -> Iterator[Check]:
    """Periodic work by name: claimed on time, late, or not for a long while."""
    ticks = list(Tick.objects.latest_each())
    advice = _("Супервизор не раздаёт работу: перезапустите obzvon.")
    if not ticks:
        yield Check(_("Расписание"), "down", _("ещё не работало"), advice)
    for tick in ticks:
        period = timedelta(seconds=tick.seconds)
        grace = timedelta(seconds=20)
        state = _by_age(now - tick.at, slow=2 * period + grace, down=5 * period + grace)
        value = _("%(age)s назад, каждые %(period)s") % {
            "age": _span(now - tick.at),
            "period": _span(period),
        }
        yield Check(str(WORK.get(tick.name, tick.name)), state, value, advice)


def _by_age(age: timedelta, *, slow: timedelta, down: timedelta) -> State:
    return "down" if age > down else "slow" if age > slow else "ok"


def _span(age: timedelta) -> str:
    seconds = max(0, round(age.total_seconds()))
    if seconds < 120:
        return _("%d с") % seconds
    if seconds < 7200:
        return _("%d мин") % (seconds // 60)
    return _("%d ч") % (seconds // 3600)
