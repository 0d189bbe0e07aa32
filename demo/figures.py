"""The figures of a whole demo, as its JSON file holds them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from demo.checker import Verdict
from demo.ledger import Story
from sandbox.requestlog import RequestLog

EXPECTED = frozenset((50007,))
"""Discord's codes that are no mistake: a person's DMs are closed."""
NOT_FOUND = 404
WRITES = ("DELETE ", "PATCH ", "PUT ")
PAGE = (403, 0)
"""Status and code of a page that says that Cloudflare lets nobody through."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was looked at.

    Pictures that were sent and those of the report, how many of both have no sentence; the log's
    lines, and those that give somebody away.
    """

    pictures: int
    report: int
    wordless: int
    lines: int
    given_away: int


def unexpected(requests: RequestLog, *, faults: bool = False) -> list[str]:
    """Describe the refusals that nobody should have asked for; being told to wait is none.

    Where answers and events get lost on purpose (`faults`), a removal that is asked for again finds
    nothing, nor does what is written to somebody of whose leaving nothing was heard; and pages from
    Cloudflare, which have no code of Discord's, were ordered.
    """
    return [
        f"{route}: {status} ({code})"
        for route, status, code in requests.errors
        if code not in EXPECTED
        and not (faults and status == NOT_FOUND and route.startswith(WRITES))
        and not (faults and (status, code) == PAGE)
    ]


def figures(
    story: Story,
    verdict: Verdict,
    requests: RequestLog,
    *,
    members: int,
    cap: int,
    split_requests: Mapping[int, int],
    errors: Sequence[str],
    seen: Seen,
    virtual: timedelta,
    wall_seconds: float,
) -> dict[str, Any]:
    """Put everything together; `errors` are all lines that tell of one."""
    rituals = story.rituals()
    return {
        "members": members,
        "groups": story.groups,
        "homes": story.homes,
        "visits_ever": len(story.visits),
        "cap": cap,
        "largest_group": story.largest,
        "members_with_two_homes": len(verdict.two_homes),
        "rituals": {
            "due": rituals.total(),
            "posted": rituals["posted"],
            "posted_twice": len(verdict.posted_twice),
            "skipped": rituals["skipped"],
        },
        "quiet": {
            "episodes": len(story.episodes),
            "alerts": len(story.told),
            "returned": sum(how == "returned" for how in story.episodes.values()),
            "faded": len(story.faded),
            "faded_alerts": len(story.faded & story.told),
            "letters": len(story.letters),
        },
        "splits": [
            {
                "parent": split.parent,
                "sizes": list(split.sizes),
                "moved": split.moved,
                "requests": split_requests.get(split.id),
                "mean_share": round(split.mean_share, 4),
                "stranded": split.stranded,
            }
            for split in sorted(story.splits.values(), key=lambda split: (split.at, split.id))
        ],
        "requests": {
            "total": requests.total,
            "by_route": dict(requests.by_route.most_common()),
            "rate_limited": requests.rate_limited,
        },
        "pulses": {
            "asked": len(story.pulses),
            "shown": sum(pulse.state == "shown" for pulse in story.pulses.values()),
            "few": sum(pulse.state == "few" for pulse in story.pulses.values()),
            "declined": sum(pulse.state == "declined" for pulse in story.pulses.values()),
            "answers": sum(pulse.people for pulse in story.pulses.values()),
        },
        "together": {
            "kinds": dict(sorted(story.kinds.items())),
            "threads": len(story.threads),
            "pairs": {
                "rounds": len(story.rounds),
                "pairs": sum(pairs for _, pairs, _ in story.rounds.values()),
                "met": sum(met for _, _, met in story.rounds.values()),
                "met_again_too_early": len(verdict.met_again),
            },
            "goals": {
                "begun": len(story.goals),
                "people": sum(people for people, _, _ in story.goals.values()),
                "check_ins": sum(marks for _, marks, _ in story.goals.values()),
                "completed": sum(done for _, _, done in story.goals.values()),
            },
            "gatherings": {
                "dates": len(story.gatherings),
                "yes": sum(yes for yes, _ in story.gatherings.values()),
                "came": sum(came for _, came in story.gatherings.values()),
                "events": len(story.events),
            },
            "bridges": {
                "shared": len(story.shared),
                "published": len(story.published),
                "editions": len(story.editions),
                "without_source": len(verdict.sourceless),
            },
            "guest_evenings": len(story.evenings),
            "hosts": len(story.hosts),
            "moved": len(story.moved),
            "rests": len(story.rests),
            "asks": {"put": len(story.asks), "answers": sum(story.asks.values())},
            "cohorts": {"begun": len(story.cohorts), "circles": sum(story.cohorts.values())},
        },
        "health": {
            "weeks": story.weeks_closed,
            "figures": story.figures,
            "silent": story.silent,
            "of_few": len(verdict.of_few),
        },
        "pictures": {
            "sent": seen.pictures,
            "in_report": seen.report,
            "without_words": seen.wordless,
        },
        "log": {"lines": seen.lines, "given_away": seen.given_away},
        "drift": len(verdict.drift),
        "errors": len(errors),
        "virtual_days": virtual.days,
        "wall_seconds": round(wall_seconds, 1),
    }


def in_order(found: Mapping[str, Any]) -> bool:
    """Return whether everything that should be nothing is nothing."""
    return not (
        found["drift"]
        or found["errors"]
        or found["members_with_two_homes"]
        or found["rituals"]["posted_twice"]
        or found["health"]["of_few"]
        or found["together"]["pairs"]["met_again_too_early"]
        or found["together"]["bridges"]["without_source"]
        or found["pictures"]["without_words"]
        or found["log"]["given_away"]
    )
