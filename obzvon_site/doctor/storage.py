"""Folders: room, the right to write, and files that all machines see."""

import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from obzvon_site.accounts.models import Heartbeat
from obzvon_site.accounts.services import health
from obzvon_site.common.installation import marker
from obzvon_site.doctor.findings import Finding, bad, of_health, ok


def folders(now: datetime) -> Iterator[Finding]:  # noqa: ARG001
    """Whether data and files can be kept here. Needs no database."""
    data, media = Path(settings.DATA_DIR), Path(settings.MEDIA_ROOT)
    yield _writable("disk.data", data)
    yield _writable("disk.media", media)
    yield of_health("disk.free", health.disk())


def shared(now: datetime) -> Iterator[Finding]:
    """Whether the machines of the workers see the files that this one sees."""
    own = marker(Path(settings.MEDIA_ROOT))
    rows = Heartbeat.objects.alive(now)
    others = sorted({row.host for row in rows if own and row.media not in ("", own)})
    if others:
        yield bad(
            "disk.shared",
            _("Папка файлов на других машинах своя: %s. Там не найдут аудиоролик и запись.")
            % ", ".join(others),
            _("Смонтируйте одну папку DATA_DIR/media на всех машинах."),
        )
    elif not settings.EMBEDDED and own:
        yield ok("disk.shared", _("Папка файлов у всех машин общая."))


def _writable(code: str, folder: Path) -> Finding:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"obzvon")
    except OSError as error:
        said = _("В папку %(folder)s нельзя писать: %(error)s.")
        return bad(
            code,
            said % {"folder": folder, "error": error.strerror},
            _("Дайте права пользователю, от имени которого работает obzvon, или освободите место."),
        )
    return ok(code, _("В папку %s можно писать.") % folder)
