"""Time zones as people name them: by city."""

import zoneinfo
from datetime import datetime, timedelta
from functools import cache

from bot.errors import UserError
from bot.rules.naming import key, near, safe

MOST = 25
ABOUT = timedelta(hours=3)  # so far apart are two places that share most of their day
DAY = timedelta(days=1)


@cache
def cities() -> dict[str, str]:
    """Return IANA zone names by their city as it is read: "Sao Paulo" → America/Sao_Paulo."""
    areas = {
        "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe",
        "Indian", "Pacific",
    }  # fmt: skip
    found = {city_of(name): name for name in sorted(known()) if name.partition("/")[0] in areas}
    found["UTC"] = "UTC"
    return found


@cache
def known() -> frozenset[str]:
    """Return every IANA name there is; reading them from the disk takes a while."""
    return frozenset(zoneinfo.available_timezones())


@cache
def _keys() -> dict[str, tuple[str, str]]:
    """Return cities by their key, each with the key of its whole name and that name."""
    return {key(city): (key(name.replace("_", " ")), name) for city, name in cities().items()}


def city_of(name: str) -> str:
    """Return the city in an IANA name as it is read: America/Sao_Paulo → "Sao Paulo"."""
    return name.rpartition("/")[2].replace("_", " ")


def about_the_same(zone: str, other: str, now: datetime) -> bool:
    """Return whether the clocks of two zones are at most three hours apart at this moment."""
    offsets = [now.astimezone(zoneinfo.ZoneInfo(name)).utcoffset() for name in (zone, other)]
    apart = abs((offsets[0] or timedelta()) - (offsets[1] or timedelta())) % DAY
    return min(apart, DAY - apart) <= ABOUT


def zone(typed: str) -> str:
    """Return the IANA name of the zone that `typed` names; UserError with near misses."""
    wanted = typed.strip()
    if wanted in known() and ("/" in wanted or wanted == "UTC"):
        return wanted
    found = _keys().get(key(wanted))
    if found is not None:
        return found[1]
    guesses = near(wanted.rpartition("/")[2].replace("_", " "), list(cities()))
    if guesses:
        raise UserError("hearth.zone_near", names=", ".join(map(safe, guesses)))
    raise UserError("hearth.zone_unknown")


def suggest(typed: str) -> list[tuple[str, str]]:
    """Return up to 25 pairs of a label and an IANA name whose city begins with or has `typed`."""
    wanted = key(typed)
    hits = [
        (not short.startswith(wanted), city_of(name), name)
        for short, (whole, name) in _keys().items()
        if wanted in short or wanted in whole
    ]
    return [(f"{city} ({name})" if city != name else name, name) for _, city, name in sorted(hits)][
        :MOST
    ]
