"""How the answers to /privacy read."""

from collections.abc import Mapping
from datetime import datetime

from bot.rules.message import Button, Line, Message

SHOW = Button("privacy.show", "privacy-show")
EXPORT = Button("privacy.export", "privacy-export")
OPT_OUT = Button("privacy.opt_out", "privacy-opt-out")
OPT_IN = Button("privacy.opt_in", "privacy-opt-in")
FORGET = Button("privacy.forget", "privacy-forget", "danger")

LINES_ON_PAGE = 12  # a line may have 200 characters, a message 2,000


def shown(
    rows: Mapping[str, int],
    *,
    counted_since: datetime | None,
    opted_out: bool,
    everywhere: bool,
    retention_days: int,
    page: int = 0,
) -> Message:
    """Return what is kept about someone, in plain words and numbers; a page of it, the first as 0.

    A page that is no more is the last.
    """
    pages = max(1, -(-len(rows) // LINES_ON_PAGE))
    page = max(0, min(page, pages - 1))
    lines = [Line("privacy.head_everywhere" if everywhere else "privacy.head")]
    if pages > 1:
        lines.append(Line("privacy.page", {"page": page + 1, "pages": pages}))
    here = list(rows.items())[page * LINES_ON_PAGE : (page + 1) * LINES_ON_PAGE]
    lines += [Line(f"privacy.kept_{table}", {"n": count}) for table, count in here]
    if not rows:
        lines.append(Line("privacy.kept_nothing"))
    if opted_out:
        lines.append(Line("privacy.not_counted"))
    elif counted_since is not None:
        lines.append(Line("privacy.counted", {"since": int(counted_since.timestamp())}))
    lines.append(Line("privacy.never", {"n": retention_days}))
    wish = OPT_IN if opted_out else OPT_OUT
    turning: list[Button] = []
    if page > 0:
        turning.append(Button("privacy.page_before", f"privacy-page:{page - 1}"))
    if page + 1 < pages:
        turning.append(Button("privacy.page_after", f"privacy-page:{page + 1}", "primary"))
    return Message(tuple(lines), (*turning, EXPORT, wish, FORGET))


def opted_out(rows: int) -> Message:
    """Return what was done, with the way back."""
    done = Line("privacy.opted_out", {"n": rows}) if rows else Line("privacy.opted_out_nothing")
    return Message((done, Line("privacy.opted_out_means")), (OPT_IN,))


def opted_in() -> Message:
    """Return that counting goes on."""
    return Message((Line("privacy.opted_in"),), (OPT_OUT,))


def sure(*, everywhere: bool) -> Message:
    """Ask once before everything is erased."""
    head = "privacy.sure_everywhere" if everywhere else "privacy.sure"
    yes = Button("privacy.forget_yes", "privacy-forget-yes", "danger")
    return Message((Line(head), Line("privacy.sure_means")), (yes, EXPORT))


def forgotten(rows: int, *, homes_left: int, bars_kept: int, opted_out: bool) -> Message:
    """Return what was erased, and what stays and why."""
    lines = [Line("privacy.forgotten", {"n": rows}) if rows else Line("privacy.forgotten_nothing")]
    if homes_left:
        lines.append(Line("privacy.forgotten_home"))
    if bars_kept:
        lines.append(Line("privacy.forgotten_but_bars"))
    if opted_out:
        lines.append(Line("privacy.forgotten_but_opt_out"))
    return Message(tuple(lines))
