"""The copy of one's own data as a file: a few words first, then all rows, sorted by matter."""

from collections.abc import Callable, Mapping
from typing import Any

from bot.rules.keeping import KEPT, MATTERS, matter_of

READ_ME = ("file_head", "file_order", "file_times", "file_never", "file_wishes")


def laid_out(
    user_id: int, tables: Mapping[str, Mapping[str, Any]], say: Callable[[str], str]
) -> dict[str, Any]:
    """Return what the file holds, ready for JSON; `tables` as `services.privacy.export` has them.

    A matter without rows is left out.
    """
    known = list(KEPT)
    by_matter = {
        say(f"privacy.read_{matter}"): {
            name: tables[name]
            for name in sorted(tables, key=lambda n: known.index(n) if n in KEPT else len(known))
            if matter_of(name) == matter
        }
        for matter in MATTERS
    }
    return {
        "read_me": [say(f"privacy.{line}") for line in READ_ME],
        "user_id": user_id,
        "kept": {title: found for title, found in by_matter.items() if found},
    }
