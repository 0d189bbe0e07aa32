"""What a group that begins together reads in its room, and how its days look at the desk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.rules import cohorts as rules
from bot.rules.cohorts import Stage
from bot.rules.message import Button, Line, Message, Thread
from bot.rules.naming import safe

# What stands there while nobody hosts it.
NOBODYS = {
    "cohorts.today": "cohorts.today_nobody",
    "cohorts.stage": "cohorts.stage_nobody",
    "cohorts.circle": "cohorts.circle_nobody",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """When a group begins, its stages, and the end of its last day."""

    group_id: int
    group: str
    zone: str
    starts_at: datetime | None
    host_id: int | None
    stages: tuple[Stage, ...]
    closes_at: datetime | None
    archived: bool = False


def desk(plan: Plan, actor_id: int, now: datetime) -> Message:
    """Return the desk's card of a group's days."""
    lines = [Line("cohorts.head", {"group": safe(plan.group)})]
    if plan.starts_at is None:
        lines.append(Line("cohorts.about"))
    else:
        key = "cohorts.begins" if plan.starts_at > now else "cohorts.began"
        lines.append(Line(key, {"at": int(plan.starts_at.timestamp())}))
    lines += listed(plan)
    if plan.closes_at is None:
        lines.append(Line("cohorts.no_end"))
    else:
        lines.append(Line("cohorts.ends", {"at": int(plan.closes_at.timestamp()) - 1}))
    if plan.starts_at is not None:
        host = {"user": plan.host_id}
        lines.append(Line("cohorts.hosted" if plan.host_id else "cohorts.nobody_hosts", host))
    buttons: list[Button] = []
    if not plan.archived:
        buttons.append(Button("cohorts.set_days", f"cohort-days:{plan.group_id}", "primary"))
        if plan.starts_at is not None and plan.host_id != actor_id:
            buttons.append(Button("cohorts.host_it", f"cohort-host:{plan.group_id}"))
        if plan.closes_at is not None and plan.starts_at is not None:
            buttons.append(Button("cohorts.week_more", f"cohort-more:{plan.group_id}:1"))
            buttons.append(Button("cohorts.weeks_more", f"cohort-more:{plan.group_id}:2"))
    buttons.append(Button("desk.back", f"desk-page:{plan.group_id}:together"))
    return Message(tuple(lines), tuple(buttons))


def shown(plan: Plan) -> Message:
    """Return the days of a group, for those who are inside."""
    lines = [Line("cohorts.head", {"group": safe(plan.group)}), *listed(plan)]
    if plan.closes_at is not None:
        lines.append(Line("cohorts.ends", {"at": int(plan.closes_at.timestamp()) - 1}))
    return Message(tuple(lines), (Button("together.open", f"together:{plan.group_id}"),))


def listed(plan: Plan) -> list[Line]:
    """Return the stages, each with its day."""
    return [
        Line(
            "cohorts.stage_row",
            {
                "number": number,
                "title": safe(stage.title),
                "at": int(rules.morning(stage.day, plan.zone).timestamp()),
            },
        )
        for number, stage in enumerate(plan.stages, 1)
    ]


def begins(plan: Plan) -> Message:
    """Return what the room reads on the first morning."""
    lines = [_by(plan, "cohorts.today", {"group": safe(plan.group)})]
    if plan.stages:
        lines.append(Line("cohorts.today_stages", {"n": len(plan.stages)}))
        lines += listed(plan)
    if plan.closes_at is not None:
        lines.append(Line("cohorts.ends", {"at": int(plan.closes_at.timestamp()) - 1}))
    lines.append(Line("cohorts.today_ask"))
    mark = 0 if plan.starts_at is None else int(plan.starts_at.timestamp())
    return Message(
        tuple(lines), (Button("cohorts.days_button", f"cohort-shown:{plan.group_id}:{mark}"),)
    )


def stage_begins(plan: Plan, number: int) -> Message:
    """Return what the room reads when its stage of this number begins, counted from 1."""
    stage = plan.stages[number - 1]
    names = {"number": number, "n": len(plan.stages), "title": safe(stage.title)}
    lines = [_by(plan, "cohorts.stage", names)]
    if number < len(plan.stages):
        until = int(rules.midnight(plan.stages[number].day, plan.zone).timestamp()) - 1
        lines.append(Line("cohorts.stage_until", {"at": until}))
    elif plan.closes_at is not None:
        until = int(plan.closes_at.timestamp()) - 1
        lines.append(Line("cohorts.stage_last", {"at": until}))
    mark = f"cohort-shown:{plan.group_id}:{stage.day.isoformat()}"
    return Message(tuple(lines), (Button("cohorts.days_button", mark),))


def circle(plan: Plan, prompts: Sequence[str]) -> Message:
    """Return the closing circle on the last evening, with its thread, and the way on."""
    at = 0 if plan.closes_at is None else int(plan.closes_at.timestamp())
    lines = [_by(plan, "cohorts.circle", {"group": safe(plan.group)})]
    lines += [Line("cohorts.circle_prompt", {"prompt": safe(prompt)}) for prompt in prompts]
    lines.append(Line("cohorts.circle_next"))
    button = Button("stages.where_next", f"next-home:{plan.group_id}:{at}:circle", "primary")
    return Message(
        tuple(lines), (button,), thread=Thread(Line("cohorts.circle_thread", {"group": plan.group}))
    )


def longer(plan: Plan, closes_at: datetime) -> Message:
    """Return that a last day of which the room has read is put off."""
    at = int(closes_at.timestamp()) - 1
    line = Line("cohorts.longer", {"group": safe(plan.group), "at": at})
    mark = f"cohort-shown:{plan.group_id}:until-{at}"
    return Message((line,), (Button("cohorts.days_button", mark),))


def refused(key: str, params: Mapping[str, Any], group_id: int) -> Message:
    """Return why the form does not fit, with the way back into it."""
    again = Button("home.fix_it", f"cohort-days:{group_id}", "primary")
    return Message((Line(key, params),), (again,))


def _by(plan: Plan, key: str, params: Mapping[str, Any]) -> Line:
    """Return a line in the host's name, or in nobody's."""
    if plan.host_id is None:
        return Line(NOBODYS[key], params)
    return Line(key, {**params, "user": plan.host_id})
