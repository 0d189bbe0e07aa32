"""The routes that Hearth says it uses: the table in docs/discord-routes.md."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_ROW = re.compile(r"^\| `([A-Z]+ /\S+)` \|", re.MULTILINE)


def documented_routes(page: Path) -> list[str]:
    """Return the table's routes as "METHOD /template", in its order."""
    return _ROW.findall(page.read_text(encoding="utf-8"))
