"""The environment as settings read it: a value, or the file that holds it."""

from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured
from environ.fileaware_mapping import FileAwareMapping


class Values(FileAwareMapping):  # type: ignore[misc]  # has no types
    """``NAME``, or what the file at ``NAME_FILE`` says, without the end of its line: a key, a
    password or «true» with one would be another."""

    def __getitem__(self, name: str) -> str:
        try:
            return str(super().__getitem__(name)).strip()
        except (OSError, UnicodeDecodeError) as error:
            said = getattr(error, "strerror", None) or "it is no text"
            raise ImproperlyConfigured(
                f"the file that {name}_FILE names cannot be read ({said}). "
                "Correct its path, or let the user that runs obzvon read it."
            ) from error


class Env(environ.FileAwareEnv):  # type: ignore[misc]
    ENVIRON = Values()

    def int(self, var: str, default: Any = environ.Env.NOTSET) -> Any:
        """A whole number. Raises ImproperlyConfigured with a sentence for people."""
        try:
            return super().int(var, default=default)
        except ValueError:
            raise ImproperlyConfigured(f"{var} must be a whole number.") from None
