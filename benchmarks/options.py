"""What the command line asks of the benchmarks; each part is called with it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Options:
    """The options that parts may care for; a part measures something generated without files."""

    ties: tuple[Path, ...] = ()
    """Who talks with whom: pairs (`source,target[,timestamp]`), or logs that can be replayed."""
    replay: tuple[Path, ...] = ()
    """Who wrote when: logs that can be replayed, or pairs with times."""


def set_name(path: Path) -> str:
    """Return what the figures of a file are filed under: its name without `.csv` and `.gz`."""
    return path.name.removesuffix(".gz").removesuffix(".csv")
