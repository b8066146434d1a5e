"""Python's clock, wrong by as many seconds as a file says: for the installation under test only.

It is found by PYTHONPATH before anything else is imported, so the product knows nothing of it.
``datetime`` stays the very class it is, or databases would not know it; its ``now`` is replaced.
"""

import ctypes
import datetime
import gc
import os
import time
from pathlib import Path

EVERY = 0.1  # seconds between looks at the file
_file = Path(os.environ.get("CHAOS_CLOCK", "/nowhere"))
_time, _now = time.time, datetime.datetime.now
_looked, _wrong = 0.0, 0.0


def wrong_by() -> float:
    global _looked, _wrong  # noqa: PLW0603  # a cache
    at = time.monotonic()
    if at - _looked > EVERY:
        _looked = at
        try:
            _wrong = float(_file.read_text() or 0)
        except (OSError, ValueError):
            _wrong = 0.0
    return _wrong


def shifted_now(cls: type, tz: datetime.tzinfo | None = None) -> datetime.datetime:
    return _now(tz) + datetime.timedelta(seconds=wrong_by())


if "CHAOS_CLOCK" in os.environ:
    time.time = lambda: _time() + wrong_by()
    names = gc.get_referents(datetime.datetime.__dict__)[0]
    names["now"] = classmethod(shifted_now)
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(datetime.datetime))
