"""One run: start, launch, torment, let it come to rest, judge."""

import argparse
import os
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from tests.chaos.plan import Trouble, draw, told
from tests.chaos.world import World, migrate, running_world

SPEED = 40  # a call of a minute takes a second and a half
# Nothing moves for so long though the clock has been set on: then it never will.
STUCK_SECONDS, STUCK_CLOCK = 180.0, 3600
PATIENCE = 15.0  # of real time, while something should go on that needs no more than that
STEP = 120  # seconds by which the clock is set on while nothing but waiting is left
PACE_MORE = 1.5
BEGAN = time.monotonic()


def run(asked: argparse.Namespace) -> int:
    """Whole and in one mode. 0 when every promise was kept."""
    is_distributed = asked.mode == "distributed"
    seconds = asked.minutes * 60
    plan = draw(
        asked.seed,
        seconds=seconds,
        kills=asked.kills,
        is_distributed=is_distributed,
        small=asked.small,
    )
    say(f"chaos: {asked.mode}, seed {asked.seed}, {asked.calls} calls, {seconds:.0f} s of troubles")
    for line in told(plan):
        print(f"  {line}")
    if asked.plan:
        return 0
    with (
        database(is_distributed) as (environment, engine),
        running_world(environment, SPEED) as world,
    ):
        if is_distributed and not environment:
            leave_out("the whole distributed mode: there is no PostgreSQL server here")
            return 0
        code = _run(asked, world, plan, engine)
        if code and asked.keep:
            sockets = shutil.ignore_patterns("chaos*-*")
            shutil.copytree(world.folder, asked.keep, dirs_exist_ok=True, ignore=sockets)
        return code


@contextmanager
def database(is_distributed: bool) -> Iterator[tuple[dict[str, str], Any]]:
    if not is_distributed:
        yield {}, None
        return
    from tests.chaos.distributed import engine  # noqa: PLC0415

    with engine() as found:
        yield ({"DATABASE_URL": found.url} if found else {}), found


def _run(asked: argparse.Namespace, world: World, plan: list[Trouble], engine: Any) -> int:
    if not world.is_small_disk:
        leave_out("the full disk: no file system may be mounted here (it needs root)")
    os.environ.update(
        {
            **world.environment,
            "DATA_DIR": str(world.data),
            "PORT": str(world.port),
            "DJANGO_SETTINGS_MODULE": "obzvon_site.settings",
        }
    )
    migrate(world)
    import django  # noqa: PLC0415  # the settings are those of the environment

    django.setup()
    from django.db import connection  # noqa: PLC0415

    from tests.chaos import troubles, verdict, work  # noqa: PLC0415

    pace = max(120, round(asked.calls / asked.minutes * PACE_MORE / 2))
    people, blocked = work.launch(world, asked.seed, asked.calls, pace)
    began = time.monotonic()
    world.begin()
    say(f"started in {time.monotonic() - began:.1f} s")
    doing = troubles.Troubles(world, asked.seed)
    if engine is not None:
        engine.join(world, doing)
    _torment(world, plan, doing, asked.minutes * 60)
    doing.kill_on(asked.kills * 5 // 6)
    doing.end()
    connection.close()
    hits = struck(world)
    for name, number in sorted(doing.done.items()):
        print(f"  happened: {name} {number}")
    for name, number in sorted(doing.left_out.items()):
        leave_out(f"{name}, {number} times")
    print(f"  killed by SIGKILL: {doing.kills}")
    print("  struck: " + ", ".join(f"{name} {number}" for name, number in sorted(hits.items())))
    say(f"troubles are over, left: {work.left()}")
    rested = _rest(world)
    say(f"at rest: {rested}, left: {work.left()}")
    found = verdict.judge(world, blocked, people)
    found.wrong += [f"died by itself: {death}" for death in world.deaths]
    if doing.kills < asked.kills * 5 // 6:
        found.wrong.append(f"only {doing.kills} processes were killed: too little was proven")
    if _told(asked, world, found):
        return 1
    say(f"every promise was kept, {time.monotonic() - began:.0f} s, seed {asked.seed}")
    return 0


def _told(asked: argparse.Namespace, world: World, found: Any) -> bool:
    """Print what was found. Whether any promise is broken."""
    for name, value in found.counts.items():
        print(f"  {name}: {value}")
    if left_out:
        print("\n".join(["", "!" * 72, "!!! LEFT OUT, so nothing is proven about it:"]))
        print("\n".join([*(f"!!!   {what}" for what in left_out), "!" * 72, ""]), flush=True)
    if found.wrong:
        for line in found.wrong[:50]:
            print(f"  WRONG {line}")
        print("\n".join(world.lines()[-60:]))
        say(
            f"BROKEN: {len(found.wrong)} findings; "
            f"repeat with --mode {asked.mode} --seed {asked.seed} --calls {asked.calls}"
        )
    return bool(found.wrong)


def _torment(world: World, plan: list[Trouble], doing: Any, seconds: float) -> None:
    """Follow the plan; meanwhile a person lets go on what waits for a person."""
    from django.db import Error as DatabaseError  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    from tests.chaos import work  # noqa: PLC0415

    began, rest, looked, shown = time.monotonic(), list(plan), 0.0, 0.0
    while (at := time.monotonic() - began) < seconds:
        while rest and rest[0].at <= at:
            doing.begin(rest.pop(0))
        if at - looked > 2:
            looked = at
            work.look_after()
            watch(world)
        if at - shown > 30:
            shown = at
            try:
                say(f"{at:.0f} s, left: {work.left()}")
            except DatabaseError:
                connection.close()
        time.sleep(0.05)
    for trouble in rest:
        doing.begin(trouble)


def _rest(world: World) -> str:
    """Wait for every call's end. Where only time is missing, the clock is set on.

    However slow the machine is, as long as anything moves it goes on.
    """
    from tests.chaos import work  # noqa: PLC0415

    began = moved = looked = time.monotonic()
    ahead, moved_ahead, before = 0, 0, {}
    while True:
        work.look_after()
        watch(world)
        now, at = time.monotonic(), work.progress()
        if at != before:
            before, moved, moved_ahead = at, now, ahead
        if work.is_over() and not work.left():
            time.sleep(3)
            if work.is_over():
                return f"{now - began:.0f} s, clock set on by {ahead} s"
        is_set_on = ahead - moved_ahead > STUCK_CLOCK or now - moved > 3 * STUCK_SECONDS
        if now - moved > STUCK_SECONDS and is_set_on:
            return f"NOT AT REST: nothing moved in {now - moved:.0f} s"
        if now - looked > 30:
            looked = now
            say(f"coming to rest, left: {work.left()}")
        quiet = PATIENCE if work.is_sending(ahead) else 4
        if now - moved > quiet and not work.is_on_the_wire():
            ahead += STEP
            world.clock.write_text(str(ahead))
        time.sleep(1)


def watch(world: World) -> None:
    """The supervisor must outlive everything; should it not, that is a finding."""
    if world.up.process.poll() is not None:
        world.deaths.append(
            f"the supervisor, code {world.up.process.returncode}: {world.up.lines[-5:]}"
        )
        with suppress(AssertionError):
            world.begin()


def struck(world: World) -> Counter[str]:
    hits: Counter[str] = Counter()
    for emulator in world.emulators:
        hits.update(emulator.control("clear")["struck"])
    return hits


left_out: list[str] = []


def leave_out(what: str) -> None:
    """Say at once, and once more at the end, what was not done."""
    left_out.append(what)
    say(f"LEFT OUT: {what}")


def say(text: str) -> None:
    print(f"[{time.monotonic() - BEGAN:4.0f} s] {text}", flush=True)
