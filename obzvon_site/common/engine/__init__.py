"""Who keeps background tasks: the embedded queue on SQLite, procrastinate on PostgreSQL."""

from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from obzvon_site.common.engine.facts import Facts

# calls: sending, and what must not wait. poll: news of calls. bulk: what may take its time.
QUEUES = ("calls", "poll", "bulk")


def engine_facts() -> "Facts":
    """What the engine of this installation can tell about its tasks."""
    if settings.EMBEDDED:
        from obzvon_site.common.engine.embedded import EmbeddedFacts  # noqa: PLC0415

        return EmbeddedFacts()
    from obzvon_site.common.engine.distributed import DistributedFacts  # noqa: PLC0415

    return DistributedFacts()
