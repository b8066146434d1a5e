"""The documents tell the truth about what can be compared."""

import re
from pathlib import Path

from obzvon_site.accounts.roles import MATRIX, ROLES

ROOT = Path(__file__).resolve().parent.parent


def table_of_roles() -> dict[str, tuple[str, ...]]:
    """docs/roles.md read back: permission → roles with a tick."""
    table = {}
    for line in (ROOT / "docs/roles.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if match := re.fullmatch(r"`([a-z]+\.[a-z_]+)`", cells[-1]):
            ticks = cells[1:4]
            table[match[1]] = tuple(
                role for role, tick in zip(ROLES, ticks, strict=True) if tick == "✓"
            )
    return table


def test_the_role_matrix_is_documented_as_it_is():
    assert table_of_roles() == MATRIX
