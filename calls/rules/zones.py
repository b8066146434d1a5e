"""Time zones of Russia: which a number or a region belongs to."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from calls.rules import regions

# From west to east, with what people call them. None of them changes its clocks.
ZONES: dict[str, str | Promise] = {
    "Europe/Kaliningrad": _("Калининград, UTC+2"),
    "Europe/Moscow": _("Москва, UTC+3"),
    "Europe/Samara": _("Самара, UTC+4"),
    "Asia/Yekaterinburg": _("Екатеринбург, UTC+5"),
    "Asia/Omsk": _("Омск, UTC+6"),
    "Asia/Krasnoyarsk": _("Красноярск, UTC+7"),
    "Asia/Irkutsk": _("Иркутск, UTC+8"),
    "Asia/Yakutsk": _("Якутск, UTC+9"),
    "Asia/Vladivostok": _("Владивосток, UTC+10"),
    "Asia/Magadan": _("Магадан, UTC+11"),
    "Asia/Kamchatka": _("Камчатка, UTC+12"),
}
ZONE_AT = dict(zip(range(2, 13), ZONES, strict=True))  # hours ahead of UTC → zone
MOSCOW = 3
UNKNOWN = ""
NUMBERING = Path(__file__).with_name("numbering.txt")  # made by tests/numbering.py

# «UTC+5», «(UTC+05:00) Екатеринбург», «МСК+2». A plus alone may be UTC's or Moscow's.
_SHIFT = re.compile(r"\(?(?P<from>utc|gmt|мск|msk)\s*(?P<hours>[+-]\s?\d{1,2})(:?00)?\)?(\s.*)?")
_PLUS = re.compile(r"(?P<hours>\+\d{1,2})(:?00)?")
_PARTS = re.compile(r"[,;|*()/]|\s-\s|\sи\s|\s(?=г\.?\s)")
_GENERIC = frozenset(regions.GENERIC.split())
_WORDS = re.compile(r"[^\W\d_]+")


def possible(zone: str) -> Iterator[str]:
    """The zones a subscriber may be in: the known one, or all of them."""
    return iter((zone,) if zone in ZONES else tuple(ZONES))


def zone_of(phone: str) -> str:
    """The zone of an 11-digit phone by the numbering plan; empty when it does not tell.

    A guess for mobiles: a number keeps its code when its owner moves or changes the operator.
    """
    starts, zones = _plan()
    return zones[bisect_right(starts, phone)]


def zone_named(text: str) -> str | None:
    """The zone that a cell names: «Asia/Omsk», «UTC+6», «МСК+3», a region, a large city.

    Empty: it names a place (or several) where more than one time is kept. None: not understood.
    """
    return _zone_named(" ".join(text.casefold().replace("ё", "е").replace("−", "-").split()))


@lru_cache(maxsize=4096)
def _zone_named(text: str) -> str | None:
    if shift := _SHIFT.fullmatch(text):
        hours = int(shift["hours"].replace(" ", ""))
        return ZONE_AT.get(hours + (0 if shift["from"] in {"utc", "gmt"} else MOSCOW))
    if plus := _PLUS.fullmatch(text):
        # Three hours too early is a forbidden hour, so nobody guesses.
        return UNKNOWN if int(plus["hours"]) in ZONE_AT else None
    known = _names()
    for whole in (text, key_of(text)):
        if whole in known:
            return known[whole]
    found = {known[key] for part in _PARTS.split(text) if (key := key_of(part)) in known}
    exact = found - {UNKNOWN}
    if len(exact) == 1:
        return exact.pop()
    return UNKNOWN if found else None


def key_of(text: str) -> str:
    """A place's name as it is compared: «Свердловская обл.» → «свердловская»."""
    words = _WORDS.findall(text.casefold().replace("ё", "е"))
    return " ".join(word for word in words if word not in _GENERIC)


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    names = dict.fromkeys(regions.SEVERAL.split("; "), UNKNOWN)
    names |= {zone.casefold(): zone for zone in ZONES}
    for hours, text in regions.NAMES.items():
        each = (name.strip() for name in re.split("[;\n]", text))
        names |= {name: ZONE_AT[hours] for name in each if name}
    for hours, text in regions.ALIASES.items():
        names |= {name.casefold(): ZONE_AT[hours] for name in text.split()}
    return names


@lru_cache(maxsize=1)
def _plan() -> tuple[list[str], list[str]]:
    """Where each range of phones begins, and the zone before each beginning and after the last."""
    starts: list[str] = []
    zones = [UNKNOWN]
    for line in NUMBERING.read_text().splitlines():
        if line.startswith("#"):
            continue
        first, last, hours = line.split()
        after = str(int(last) + 1)
        if starts and starts[-1] == first:
            zones[-1] = ZONE_AT[int(hours)]
        else:
            starts.append(first)
            zones.append(ZONE_AT[int(hours)])
        starts.append(after)
        zones.append(UNKNOWN)
    return starts, zones
