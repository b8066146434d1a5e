"""The drawing of states in the documents, made from the table that the code obeys.

``python -m tests.state_drawing`` writes docs/images/states.svg; a test fails while it is older.
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

FILE = Path(__file__).resolve().parent.parent / "docs/images/states.svg"
WIDTH, HEIGHT = 140, 44
STYLE = """
  svg { color-scheme: light dark }
  .paper { fill: #f4f5f8 } .box { fill: #fff; stroke: #c6ccd8 } .end { stroke-width: 3 }
  .word { fill: #171c28 } .note { fill: #545d70; font-size: 12.5px }
  .way { stroke: #545d70; fill: none } .head { fill: #545d70 }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #12151d } .box { fill: #1b2030; stroke: #434c61 }
    .word { fill: #e8ebf2 } .note, .head { fill: #a3acbf } .way { stroke: #a3acbf }
  }
""".strip("\n")
# Where each stands. One that is missing here would be an error, so a new state is not forgotten.
CALLS = {
    "refused": (330, 50),
    "planned": (60, 130),
    "sending": (330, 130),
    "accepted": (640, 130),
    "unknown": (330, 240),
    "lost": (640, 240),
    "blocked": (60, 220),
    "taken_back": (60, 280),
    "expired": (60, 340),
}
ORDERS = {
    "not_sent": (330, 440),
    "sending": (60, 510),
    "answered": (640, 510),
    "refused": (330, 570),
    "unknown": (330, 640),
    "lost": (640, 640),
}


def drawing() -> str:
    """The whole picture."""
    from calls.models import Call, Order  # noqa: PLC0415  # Django is set up by then
    from calls.services import ledger  # noqa: PLC0415

    calls = {str(state): sorted(ledger.MOVES.get(state, ())) for state in Call.Stage.values}
    orders = {state: sorted(moves_of(Order, state)) for state in Order.State.values}
    parts = [
        (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 860 710" role="img"'
            ' font-family="system-ui, sans-serif" font-size="14" aria-labelledby="t">'
        ),
        '<title id="t">The states of a call and of an order</title>',
        f"<style>\n{STYLE}\n</style>",
        (
            '<defs><marker id="a" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8"'
            ' markerHeight="8" orient="auto"><path class="head" d="M0 0 8 4 0 8z"/></marker></defs>'
        ),
        '<rect class="paper" width="860" height="710"/>',
        *_machine(CALLS, calls),
        *_machine(ORDERS, orders),
        _text(60, 30, "A call: one attempt to ring one phone", "word"),
        _text(60, 425, "An order: one request to the service, for one or many calls", "word"),
        _text(720, 210, "a late proof", "note"),
        _text(60, 695, "A thick edge: nothing moves by itself any more.", "note"),
    ]
    return "\n".join([*parts, "</svg>", ""])


def moves_of(model: type, state: str) -> set[str]:
    """Where an order may go: out of «sending» once, out of doubt once, and nowhere else."""
    states = set(model.State.values)  # type: ignore[attr-defined]
    if state == "sending":
        return states - {"sending", "lost"}
    return {"answered", "lost"} if state == "unknown" else set()


def _machine(places: Mapping[str, tuple[int, int]], moves: Mapping[str, list[str]]) -> list[str]:
    ways = [(here, there) for here, targets in moves.items() for there in targets]
    lines = [_way(places[here], places[there], _is_back(here, there, ways)) for here, there in ways]
    boxes = [_box(places[name], name, is_end=not moves[name]) for name in moves]
    return [*lines, *boxes]


def _is_back(here: str, there: str, ways: Iterable[tuple[str, str]]) -> bool:
    return (there, here) in set(ways)


def _way(here: tuple[int, int], there: tuple[int, int], is_both: bool) -> str:
    (x1, y1), (x2, y2) = here, there
    if x1 == x2 and abs(y2 - y1) > 2 * HEIGHT - 5 and x1 < 100:
        # Past the boxes between them, on the left.
        middle, aim = y1 + HEIGHT // 2, y2 + HEIGHT // 2
        return _path(f"M{x1} {middle}H{x1 - 24}V{aim}H{x1 - 2}")
    if x1 == x2:
        down = y2 > y1
        middle = x1 + WIDTH // 2
        return _path(
            f"M{middle} {y1 + HEIGHT if down else y1}V{y2 - 2 if down else y2 + HEIGHT + 2}"
        )
    right = x2 > x1
    shift = (-9 if right else 9) if is_both else 0
    start = x1 + (WIDTH if right else 0)
    end = x2 + (-2 if right else WIDTH + 2)
    return _path(f"M{start} {y1 + HEIGHT // 2 + shift}L{end} {y2 + HEIGHT // 2 + shift}")


def _path(way: str) -> str:
    return f'<path class="way" d="{way}" marker-end="url(#a)"/>'


def _box(place: tuple[int, int], name: str, *, is_end: bool) -> str:
    x, y = place
    kind = "box end" if is_end else "box"
    box = f'<rect class="{kind}" x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="10"/>'
    return box + _text(x + 16, y + 27, name.replace("_", " "), "word")


def _text(x: int, y: int, words: str, kind: str) -> str:
    return f'<text class="{kind}" x="{x}" y="{y}">{words}</text>'


def main() -> None:
    import django  # noqa: PLC0415

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    FILE.write_text(drawing())


if __name__ == "__main__":
    main()
