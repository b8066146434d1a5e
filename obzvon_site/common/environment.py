"""The environment as settings read it: a value, or the file that holds it."""

import environ
from environ.fileaware_mapping import FileAwareMapping


class Values(FileAwareMapping):  # type: ignore[misc]  # has no types
    """``NAME``, or what the file at ``NAME_FILE`` says, without the end of its line: a key, a
    password or «true» with one would be another."""

    def __getitem__(self, name: str) -> str:
        return str(super().__getitem__(name)).strip()


class Env(environ.FileAwareEnv):  # type: ignore[misc]
    ENVIRON = Values()
