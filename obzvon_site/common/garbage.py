"""When a worker looks for garbage.

Most objects go away by themselves; Python looks for rings of them after each 700 new ones, and
through all it has ever imported ever again. A worker reads rows by the thousand: a tenth of its
time would go there.
"""

import gc

NEW_OBJECTS = 50_000
ROUNDS = 20  # looks at the new ones before those that have stayed are looked at


def look_seldom() -> None:
    """Once at a process's start, when all that stays for ever is imported."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, ROUNDS, ROUNDS)
