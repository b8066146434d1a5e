"""Whether this process has been asked to end: what has begun is ended, nothing more is begun.

A task of many steps asks between them. An order that is asked for is heard out, since its answer
can be had only once; another one is not begun.
"""

import threading

_asked = threading.Event()


def ask() -> None:
    """From now on this process only ends what it has begun."""
    _asked.set()


def is_asked() -> bool:
    """Whether nothing more may be begun."""
    return _asked.is_set()
