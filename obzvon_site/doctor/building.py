"""What is built beside the code: static files, translations, the table of time zones."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.utils.translation import gettext as _

from calls.rules.zones import ZONES
from obzvon_site.common.catalogs import is_compiled, sources
from obzvon_site.doctor.findings import Finding, bad, ok, warning

COLLECT = "manage.py collectstatic --noinput"


def building(now: datetime) -> Iterator[Finding]:  # noqa: ARG001
    """Whether all of it is there and of the present code. Needs no database."""
    yield _static()
    yield _messages()
    yield _zones()


def _static() -> Finding:
    code, manifest = "build.static", Path(settings.STATIC_ROOT) / "staticfiles.json"
    if not manifest.is_file() and not settings.EMBEDDED:
        said = _("Статика на этой машине не собрана. Исполнителям она не нужна.")
        return warning(code, said, _("Если здесь и веб-процесс, выполните %s.") % COLLECT)
    if not manifest.is_file():
        said = _("Статика не собрана: страницы будут без вида.")
        return bad(code, said, _("Выполните %s.") % COLLECT)
    if _newest() > manifest.stat().st_mtime:
        said = _("Статика собрана раньше, чем изменился код.")
        return warning(code, said, _("Выполните %s.") % COLLECT)
    return ok(code, _("Статика собрана."))


def _newest() -> float:
    folders = map(Path, settings.STATICFILES_DIRS)
    files = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    return max((path.stat().st_mtime for path in files), default=0.0)


def _messages() -> Finding:
    stale = [path for path in sources() if not is_compiled(path)]
    if stale:
        return bad(
            "build.messages",
            _("Переводы не собраны: %s.") % ", ".join(sorted(path.parts[-3] for path in stale)),
            _("Выполните %s и перезапустите веб-процесс.") % "manage.py messages",
        )
    return ok("build.messages", _("Переводы собраны."))


def _zones() -> Finding:
    missing = [name for name in [settings.TIME_ZONE, *ZONES] if not _is_known(name)]
    if missing:
        return bad(
            "build.zones",
            _("Система не знает часовых поясов: %s.") % ", ".join(missing),
            _("Установите пакет tzdata: без него не узнать, который час у абонента."),
        )
    return ok("build.zones", _("Часовой пояс экранов %s, пояса страны есть.") % settings.TIME_ZONE)


def _is_known(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    return True
