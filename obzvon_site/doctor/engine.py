"""The task engine: installed, and nothing in it stuck."""

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_tasks_db.models import DBTaskResult

from obzvon_site.accounts.services import health
from obzvon_site.common.engine import engine_facts
from obzvon_site.doctor.findings import Finding, bad, of_health, ok, warning

DISTRIBUTED_TABLE = "procrastinate_jobs"


def engine(now: datetime) -> Iterator[Finding]:
    """What is wrong with the queue of tasks."""
    own = DBTaskResult._meta.db_table  # noqa: SLF001  # documented, in spite of its name
    table = own if settings.EMBEDDED else DISTRIBUTED_TABLE
    if table not in connection.introspection.table_names():
        yield bad(
            "engine.installed",
            _("В базе нет таблицы задач %s.") % table,
            _("Выполните manage.py migrate."),
        )
        return
    name = "django-tasks-db" if settings.EMBEDDED else "procrastinate"
    yield ok("engine.installed", _("Очередь задач установлена: %s.") % name)
    yield of_health("engine.waiting", health.queue(now))
    yield _stalled()
    yield of_health("engine.failures", health.failures(now))
    yield _schedule(now)


def _stalled() -> Finding:
    count = engine_facts().stalled()
    if not count:
        return ok("engine.stalled", _("Брошенных задач нет."))
    said = ngettext(
        "%(count)d задача брошена: её исполнитель молчит.",
        "Брошено задач: %(count)d, их исполнители молчат.",
        count,
    )
    return warning(
        "engine.stalled",
        said % {"count": count},
        _("Живой исполнитель вернёт их в очередь сам. Если строка остаётся, запустите его."),
    )


def _schedule(now: datetime) -> Finding:
    lines = list(health.ticks(now))
    late = [line for line in lines if line.state != "ok"]
    if not late:
        return ok("engine.schedule", _("Работа по расписанию раздаётся вовремя."))
    worst = max(late, key=lambda line: line.state == "down")
    told = "; ".join(f"{line.name}: {line.value}" for line in late)
    finding = of_health("engine.schedule", worst)
    said = _("Работа по расписанию запаздывает: %s.") % told
    return Finding(finding.code, finding.state, said, finding.advice)
