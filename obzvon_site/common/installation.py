"""What an installation makes for itself on its first run."""

import os
import secrets
import tomllib
from functools import cache
from hashlib import sha256
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def kept_secret(path: Path) -> str:
    """Read the secret kept at ``path``, or make one there that only its owner can read.

    Several processes may start at once: the first to create the file decides.
    Raises ImproperlyConfigured, with a sentence, when the folder cannot be written.
    """
    try:
        if not path.is_file():
            _make(path)
        return path.read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"the data folder {path.parent} cannot be used ({error.strerror}). "
            "Allow writing to it, or choose another with DATA_DIR=/some/folder."
        ) from error


def marker(folder: Path) -> str:
    """The name of a folder, the same for everybody who sees it; empty when it is not to be had.

    Two machines that should share the folder and tell different names do not share it.
    """
    try:
        return sha256(kept_secret(folder / ".obzvon").encode()).hexdigest()[:16]
    except ImproperlyConfigured:
        return ""


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(48))
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


@cache
def version() -> str:
    """The version of this copy of the program, as its project file says."""
    project = Path(__file__).resolve().parents[2] / "pyproject.toml"
    try:
        return str(tomllib.loads(project.read_text())["project"]["version"])
    except (OSError, KeyError):
        return "?"
