"""What must be true before anything starts: tables, messages, static files, an account."""

import hashlib
import os
import socket
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor

from obzvon_site.accounts.models import ApiAccount
from obzvon_site.common.installation import kept_secret
from obzvon_site.common.secrets import seal

EMULATOR_ACCOUNT = "Эмулятор"


def migrate() -> bool:
    """Apply migrations when there are any: looking is ten times faster than applying none."""
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return False
    call_command("migrate", verbosity=0, interactive=False)
    return True


def collect_static() -> bool:
    """Collect static files when any source has changed since the last time."""
    stamp = settings.STATIC_ROOT / ".collected"
    now = _static_fingerprint()
    if stamp.is_file() and stamp.read_text() == now:
        return False
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    stamp.write_text(now)
    return True


def _static_fingerprint() -> str:
    import django  # noqa: PLC0415  # only its version is wanted

    lines = [django.__version__, str(settings.WHITENOISE_KEEP_ONLY_HASHED_FILES)]
    for folder in map(Path, settings.STATICFILES_DIRS):
        lines += sorted(_facts(path) for path in folder.rglob("*") if path.is_file())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _facts(path: Path) -> str:
    facts = path.stat()
    return f"{path} {facts.st_size} {facts.st_mtime_ns}"


def emulator_key() -> str:
    """The key of the emulator of this installation, as long as the service's own."""
    return hashlib.sha256(kept_secret(settings.DATA_DIR / "emulator-key").encode()).hexdigest()[:60]


def emulator_url() -> str:
    """Where the emulator answers."""
    return f"http://127.0.0.1:{settings.EMULATOR_PORT}/apiCalls"


def first_account() -> None:
    """On the first run make the account that calls go through; later follow the emulator's port."""
    account = ApiAccount.objects.filter(name=EMULATOR_ACCOUNT).first()
    if account is not None:
        ApiAccount.objects.filter(pk=account.pk).exclude(base_url=emulator_url()).update(
            base_url=emulator_url()
        )
    elif not ApiAccount.objects.exists():
        _make_account(EMULATOR_ACCOUNT, emulator_url(), emulator_key(), is_default=True)
        if settings.PROVIDER_URL and settings.PROVIDER_KEY:
            ApiAccount.objects.update(is_default=False)
            _make_account("Сервис", settings.PROVIDER_URL, settings.PROVIDER_KEY, is_default=True)


def _make_account(name: str, url: str, key: str, *, is_default: bool) -> None:
    ApiAccount.objects.create(
        name=name,
        base_url=url.rstrip("/"),
        sealed_key=seal(key),
        key_tail=key[-4:],
        is_default=is_default,
        use_duty_phone=True,
    )


def is_free(port: int) -> bool:
    """Whether a server could listen at ``port`` of this machine now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def unwritable(folder: Path) -> bool:
    """Whether nothing can be kept in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    return not os.access(folder, os.W_OK)
