"""Who stays: curves in a picture, and what they say in plain words."""

from dataclasses import dataclass
from typing import Any

from bot.rules import health_pictures as pictures
from bot.rules.health import Week
from bot.rules.health_pictures import Text, text
from bot.rules.message import Button, Line, Message, Picture
from bot.rules.survival import Compared, Curve, Parted

AFTER = 12  # weeks that are told of


@dataclass(frozen=True, slots=True)
class Staying:
    """How long people stay, as it was to be seen at the end of `week`."""

    week: Week
    joined: Curve
    compared: Compared
    homes: Curve
    parted: Parted


def card(one: Staying, back: Button) -> Message:
    """Return how long people stay, for owners."""
    lines = [Line("health.stay_title"), with_a_home(one.compared), homes_last(one.homes)]
    lines += beside_splits(one.parted)
    lines.append(Line("health.stay_how"))
    shown = picture(one)
    return Message(tuple(lines), (back,), pictures=() if shown is None else (shown,))


def with_a_home(compared: Compared) -> Line:
    """Say whether people with a home stay longer."""
    verdict = compared.verdict
    if verdict is None:
        return Line("health.stay_early")
    last = min(compared.homed.points[-1].weeks, compared.unhomed.points[-1].weeks)
    for weeks in (min(AFTER, last), last):
        ours, theirs = compared.homed.at(weeks), compared.unhomed.at(weeks)
        assert ours is not None
        assert theirs is not None
        fillings = {"homed": _share(ours.share), "unhomed": _share(theirs.share), "weeks": weeks}
        # Curves may cross: then the end shows what the verdict says.
        if verdict == "no_telling" or (verdict == "longer") == (ours.share > theirs.share):
            break
    return Line(f"health.stay_{verdict}", fillings)


def homes_last(homes: Curve) -> Line:
    """Say how long homes last."""
    point = homes.at(AFTER) or (homes.points[-1] if homes.points else None)
    if point is None:
        return Line("health.homes_early")
    if homes.median is None:
        return Line("health.homes_most", {"share": _share(point.share), "weeks": point.weeks})
    fillings = {"share": _share(point.share), "weeks": point.weeks, "median": homes.median}
    return Line("health.homes_median", fillings)


def beside_splits(parted: Parted) -> list[Line]:
    """Say whether splits cost homes; nothing where there were none."""
    if parted.before is None or parted.after is None:
        return [Line("health.splits_early")] if parted.silent == "young" else []
    before, after = f"{parted.before.value:.1f}", f"{parted.after.value:.1f}"
    fillings = {"before": before, "after": after, "n": parted.splits}
    ratio = parted.ratio
    if ratio is None or not ratio.excludes(1):
        return [Line("health.splits_same", fillings)]
    return [Line("health.splits_more" if ratio.value > 1 else "health.splits_fewer", fillings)]


def picture(one: Staying) -> Picture | None:
    """Return the curves; None where none of them says anything."""
    week, joined, compared, homes = one.week, one.joined, one.compared, one.homes
    panels: list[Text] = []
    words = [Line("health.alt_staying", {"day": pictures.sunday(week).isoformat()})]
    if compared.homed.points and compared.unhomed.points:
        lines = [_line("homed", compared.homed), _line("unhomed", compared.unhomed)]
        panels.append({"label": text("health.stay_since"), "lines": lines})
        words += [_told("homed", compared.homed), _told("unhomed", compared.unhomed)]
    elif joined.points:
        panels.append({"label": text("health.stay_since"), "lines": [_line("joined", joined)]})
        words.append(_told("joined", joined))
    if homes.points:
        panels.append({"label": text("health.homes_since"), "lines": [_line("homes", homes)]})
        words.append(_told("homes", homes))
    if not panels:
        return None
    values = {
        "title": text("health.stay_picture"),
        "below": text("health.stay_below", day=pictures.shown_day(pictures.sunday(week))),
        "panels": panels,
    }
    return Picture("stay", values, tuple(words))


def _line(name: str, curve: Curve) -> Text:
    points: list[Any] = [
        [round(point.low, 4), round(point.share, 4), round(point.high, 4)] for point in curve.points
    ]
    weeks = [point.weeks for point in curve.points]
    return {"label": text(f"health.line_{name}"), "weeks": weeks, "points": points}


def _told(name: str, curve: Curve) -> Line:
    last = curve.points[-1]
    return Line(f"health.alt_line_{name}", {"share": _share(last.share), "weeks": last.weeks})


def _share(share: float) -> str:
    return f"{100 * share:.0f}"
