"""Tasks that leave marks in files, so that tests see who did what, and how often."""

import os
import time
from pathlib import Path

from obzvon_site.common.background import task


@task(queue_name="calls")
def mark(folder: str) -> None:
    """Leave one file for each time it runs."""
    (Path(folder) / f"mark-{os.getpid()}-{time.monotonic_ns()}").touch()


@task(queue_name="calls")
def hold(folder: str) -> None:
    """The first time it works until it is let go; the next time it ends at once."""
    begun = Path(folder) / "begun"
    if begun.exists():
        (Path(folder) / "again").write_text(str(os.getpid()))
        return
    begun.write_text(str(os.getpid()))
    while not (Path(folder) / "go").exists():
        time.sleep(0.05)
    (Path(folder) / "ended").touch()
