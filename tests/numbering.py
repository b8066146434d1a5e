"""Make calls/rules/numbering.txt from the public registry of the Russian numbering plan.

    python -m tests.numbering 2026-08-19 DEF-9xx.csv [ABC-3xx.csv ABC-4xx.csv ABC-8xx.csv]

The files are the registry's own (opendata.digital.gov.ru, «Выписка из реестра Российской системы
и плана нумерации»); the date is theirs. Of each row only the range and the region are taken. Area
codes that no given file has are taken from AREAS, whole.
"""

import csv
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from calls.rules.zones import NUMBERING, ZONE_AT, zone_named

# Three-digit area codes of landlines by hours ahead of UTC. 411 (Yakutia) keeps three times,
# 336 (Baikonur) and 800–809 (services) none of ours: they are left unknown.
AREAS = {
    2: "401",
    3: "365 471 472 473 474 475 481 482 483 484 485 486 487 491 492 493 494 495 496 498 499 "
    "811 812 813 814 815 816 817 818 820 821 831 833 834 835 836 841 843 844 847 855 856 857 "
    "861 862 863 865 866 867 869 871 872 873 877 878 879",
    4: "341 842 845 846 848 851",
    5: "342 343 345 346 347 349 351 352 353",
    6: "381",
    7: "382 383 384 385 388 390 391 394",
    8: "301 395",
    9: "302 416",
    10: "421 423 426",
    11: "413 424",
    12: "415 427",
}
HOURS = {zone: hours for hours, zone in ZONE_AT.items()}
HEADER = """\
# Phones of Russia: first, last, hours ahead of UTC. What stands in no range is unknown.
# Mobiles: the registry of the Russian numbering plan as of {date}, its ranges joined where
# neighbours keep the same time. Landlines: {landlines}.
# Made by tests/numbering.py; change nothing here by hand.
"""
Range = tuple[int, int, int]


def rows(path: Path) -> Iterator[Range]:
    """(first, last, hours) of each row of a file whose region keeps one time."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        for code, first, last, *rest in csv.reader(file, delimiter=";"):
            if not code.strip().isdigit():
                continue
            zone = zone_named(rest[3]) or zone_named(rest[2])
            if zone:
                yield int(f"7{code}{first}"), int(f"7{code}{last}"), HOURS[zone]


def areas(given: set[str]) -> Iterator[Range]:
    """The whole of each area code that no file told of."""
    for hours, codes in AREAS.items():
        for code in codes.split():
            if code not in given:
                yield int(f"7{code}0000000"), int(f"7{code}9999999"), hours


def joined(ranges: Iterable[Range]) -> list[Range]:
    """The ranges in their order, those that follow each other with the same time as one."""
    done: list[Range] = []
    for first, last, hours in sorted(ranges):
        if done and done[-1][1] >= first:
            raise SystemExit(f"two rows hold {first}")
        if done and done[-1][1] == first - 1 and done[-1][2] == hours:
            done[-1] = (done[-1][0], last, hours)
        else:
            done.append((first, last, hours))
    return done


def main(date: str, *names: str) -> None:
    found = [one for name in names for one in rows(Path(name))]
    given = {str(first)[1:4] for first, _last, _hours in found}
    has_landlines = any(code[0] != "9" for code in given)
    header = HEADER.format(
        date=date, landlines="the same" if has_landlines else "whole area codes of the plan"
    )
    lines = [f"{first} {last} {hours}\n" for first, last, hours in joined([*found, *areas(given)])]
    NUMBERING.write_text(header + "".join(lines))
    print(f"{len(lines)} ranges, {NUMBERING.stat().st_size} bytes")  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
