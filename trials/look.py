"""Look at a report in a real browser: on a desk, on a phone, in the dark, and on paper.

    python -m trials.look [FILE] [--out DIR]

Pictures of the page go to out/look. Without Chromium there is nothing to look with, and that is
said.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageChops

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
TALL = 16_000  # pixels; what stays empty below the page is cut off
SECONDS = 120
LIGHT, DARK = "1", "0"  # Blink's numbers for what the reader's screen prefers


@dataclass(frozen=True, slots=True)
class View:
    """A way to look at the page."""

    name: str
    wide: int
    scheme: str = LIGHT
    scale: float = 1.0
    tall: int = TALL


VIEWS = (
    View("desktop", 1280),
    View("phone", 390, scale=2.0, tall=TALL // 2),
    View("dark", 1280, DARK),
    View("phone-dark", 390, DARK, 2.0, TALL // 2),
)


def main(arguments: list[str] | None = None) -> int:
    """Take the pictures; 0 where that went well, or where there is no browser."""
    top = argparse.ArgumentParser(prog="python -m trials.look", description=__doc__)
    top.add_argument("file", type=Path, nargs="?", default=Path("out/health.html"))
    top.add_argument("--out", type=Path, default=Path("out/look"))
    asked = top.parse_args(arguments)
    browser = next((found for found in map(shutil.which, BROWSERS) if found), None)
    if browser is None:
        print("No Chromium is here, so nobody looked at the report.")
        return 0
    if not asked.file.is_file():
        print(f"There is no report at {asked.file}: run the demo, or `python -m bot report`.")
        return 1
    asked.out.mkdir(parents=True, exist_ok=True)
    page = asked.file.resolve().as_uri()
    for view in VIEWS:
        file = asked.out / f"{view.name}.png"
        size = look(browser, page, view, file)
        print(f"{file}: {size[0]} × {size[1]}")
    paper = asked.out / "print.pdf"
    _run(browser, f"--print-to-pdf={paper.resolve()}", "--no-pdf-header-footer", page)
    print(f"{paper}: {paper.stat().st_size // 1000} kB")
    return 0


def look(browser: str, page: str, view: View, file: Path) -> tuple[int, int]:
    """Take one picture of the whole page; return its size in pixels."""
    _run(
        browser,
        f"--screenshot={file.resolve()}",
        f"--window-size={view.wide},{view.tall}",
        f"--force-device-scale-factor={view.scale}",
        f"--blink-settings=preferredColorScheme={view.scheme}",
        "--hide-scrollbars",
        page,
    )
    with Image.open(file) as taken:
        whole = taken.convert("RGB")
    ground = Image.new("RGB", whole.size, whole.getpixel((2, whole.height - 2)))
    box = ImageChops.difference(whole, ground).getbbox()
    below = whole.height if box is None else min(whole.height, box[3] + 40)
    whole.crop((0, 0, whole.width, below)).save(file)
    return whole.width, below


def _run(browser: str, *arguments: str) -> None:
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(  # noqa: S603 - a browser that was found on this machine, with our own file
            [
                browser,
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                f"--user-data-dir={profile}",
                *arguments,
            ],
            check=True,
            capture_output=True,
            timeout=SECONDS,
        )


if __name__ == "__main__":
    sys.exit(main())
