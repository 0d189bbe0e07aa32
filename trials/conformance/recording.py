"""The runs that are recorded: Hearth's own tests, those of the sandbox, and a short demo."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from sandbox.record import SWITCH

ROOT = Path(__file__).parents[2]
HEARTH, CLIENTS = "hearth", "clients"
"""Folders of a recording: where Hearth is the client, and where tests bring clients of theirs."""

_PYTEST = ("-m", "pytest", "-n", "auto", "-q", "--no-header")
_CONFORMANCE_TESTS = "tests/trials/test_conformance.py"
"""Judges recordings of its own, with mistakes in them."""


def record(folder: Path, *, picture: Path) -> bool:
    """Run tests and demo with the recorder on; False when one of them failed."""
    elsewhere = f"--ignore={ROOT / 'tests/sandbox'}", f"--ignore={ROOT / _CONFORMANCE_TESTS}"
    return all(
        [
            _run(folder / CLIENTS, *_PYTEST, "tests/sandbox"),
            _run(folder / HEARTH, *_PYTEST, *elsewhere),
            _run(
                folder / HEARTH,
                "-m",
                "demo",
                *_SHORT,
                "--picture",
                str(picture),
                "--out",
                str(picture.parent),
            ),
        ]
    )


_SHORT = ("--members", "120", "--weeks", "4")


def _run(folder: Path, *command: str) -> bool:
    print(f"  {' '.join(command)}", flush=True)
    folder.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, SWITCH: str(folder.resolve())}
    done = subprocess.run(  # noqa: S603 - our own tests and demo
        [sys.executable, *command],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        print(done.stdout[-4000:])
    return done.returncode == 0
