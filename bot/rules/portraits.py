"""What the matching knows of a group, as the one text that a portrait's row keeps."""

import json
from collections.abc import Collection, Mapping
from functools import lru_cache

from bot.rules.matching import FEWEST, Told


def packed(
    fits: Mapping[int, Collection[int]],
    people: Mapping[int, int],
    gave: Mapping[int, Mapping[int, int]],
) -> str:
    """Return the text: by question what is said to fit, who answered, and what they answered.

    What fewer than five people answered is left out, and so are answers that only one of them gave.
    """
    told = {
        question: {
            "fits": sorted(fits.get(question, ())),
            **_counted(people.get(question, 0), gave.get(question, {})),
        }
        for question in sorted({*fits, *people})
    }
    return json.dumps({q: one for q, one in told.items() if one["fits"] or "people" in one})


@lru_cache(maxsize=8192)
def unpacked(text: str) -> Mapping[int, Told]:
    """Return what `packed` put together, by question; nobody changes it."""
    return {
        int(question): Told(
            fits=frozenset(one["fits"]),
            people=one.get("people", 0),
            gave={int(choice): n for choice, n in one.get("gave", {}).items()},
        )
        for question, one in json.loads(text).items()
    }


def _counted(people: int, gave: Mapping[int, int]) -> dict[str, object]:
    if people < FEWEST:
        return {}
    return {"people": people, "gave": {c: n for c, n in sorted(gave.items()) if n > 1}}
