"""How the owner of the demo begins: through the guided setup, and then group by group.

The first few groups are planned on the setup's own screens, as a new owner would; Hearth makes the
rooms for facilitators, moderators and owners. The other groups follow by command.
"""

import random
from collections.abc import Sequence

from demo.acts import GroupPlan
from demo.doorstep import say_what_fits
from demo.drive import COMMONS, Driver
from demo.noticeboard import meanings
from sandbox.answers import Answer
from sandbox.permissions import Permission
from sandbox.state import Overwrite, OverwriteType

PLANNED = 3
"""How many groups are planned in the setup itself."""
SCREENS = 12
"""A setup with more screens than this does not end."""
LOOKS = 50
"""How often the owner looks how far the work is, at most."""
CITY = "Lisbon"
OLD_HANDS = 6
"""How many people had the key of the group that is adopted; they read and never write."""
WITH_VOICE = "goal"
"""The kind whose groups have a voice room, in a made-up town."""
TYPES = {
    "interest": "Interest",
    "goal": "Goal",
    "geographic": "Place",
    "experience": "Experience",
    "cohort": "Cohort",
}
"""What the types that Hearth starts out with are called, by kind."""
WORDS = {
    "for_whom": "Whoever likes the sound of it",
    "unites": "We would rather ask than boast",
    "norms": "Say hello first\nNobody is left without an answer\nNo selling",
}


class Founding:
    """The owner's first day."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._owner = driver.society.server.owner

    async def through(self) -> None:
        """Make the commons' rooms, set Hearth up, and found the groups."""
        driver, society = self._driver, self._driver.society
        driver.rooms[COMMONS] = society.server.channel("general")
        for name in driver.source.rooms:
            driver.rooms[name] = await self._owner.create_channel(name)
        plans = driver.source.groups
        await self._set_up(plans[:PLANNED])
        await self._figures()
        told: list[str] = []
        for number, plan in enumerate(plans[PLANNED:]):
            first = number == 0 and driver.source.invents
            told.append(await (self._adopt(plan) if first else self._found(plan)))
        await driver.sandbox.settle()
        society.refresh()
        if len(society.groups) < len(plans):
            raise RuntimeError(f"not all groups were founded: {told}")
        if driver.source.invents:
            draw = random.Random(driver.source.name)
            for plan in plans:
                await say_what_fits(driver, self._owner, plan.name, draw)
            await self._call("hearth panel")

    async def _set_up(self, plans: Sequence[GroupPlan]) -> None:
        card = await self._driver.call(self._owner, "hearth setup")
        for _ in range(SCREENS):
            card = await self._fill_in(card, plans)
            if "setup-begin" in meanings(card):
                break
            card = await self._owner.press(card, "Next")
        card = await self._driver.press(self._owner, card, "setup-begin")
        for _ in range(LOOKS):
            if "setup-work" not in meanings(card):
                return
            await self._driver.sandbox.settle()
            card = await self._driver.press(self._owner, card, "setup-work")
        raise RuntimeError(f"the setup does not end: {card.text}")

    async def _fill_in(self, card: Answer, plans: Sequence[GroupPlan]) -> Answer:
        """Do what a screen asks for, and return it as it stands then."""
        there = meanings(card)
        if "setup-make" in there:
            commons = self._driver.commons
            card = await self._owner.choose(card, commons, custom_id="setup-room:commons_id")
            card = await self._driver.press(self._owner, card, "setup-make")
        elif "setup-zone" in there:
            card = await self._owner.choose(card, CITY, custom_id="setup-zone")
        elif "setup-types" in there:
            kinds = sorted({TYPES[plan.kind] for plan in self._driver.source.groups})
            card = await self._owner.choose(card, kinds, custom_id="setup-types")
        elif "setup-switch" in there:
            # Who looks after a group is found among the people who come: the owner knows nobody.
            card = await self._owner.press(card, custom_id="setup-switch:facilitator")
            if self._driver.source.pace is None:
                card = await self._owner.press(card, custom_id="setup-switch:paced")
            # Everybody's account is as young as the demo.
            card = await self._owner.choose(card, "off", custom_id="setup-brake")
        elif "setup-plan" in there:
            for plan in plans:
                card = await self._plan(card, plan)
        return card

    async def _plan(self, card: Answer, plan: GroupPlan) -> Answer:
        form = await self._owner.choose(card, plan.kind, custom_id="setup-plan")
        name = f"{plan.emoji} {plan.name}"
        card = await self._owner.fill(form, name=name, purpose=plan.purpose, **WORDS)
        return await self._owner.press(card, custom_id="setup-go:groups")

    async def _figures(self) -> None:
        """Give the types the caps and the pace of the source."""
        source = self._driver.source
        figures = {"cap": source.cap, "newcomers_per_week": source.pace}
        wanted = {name: figure for name, figure in figures.items() if figure is not None}
        for kind in sorted({plan.kind for plan in source.groups}) if wanted else ():
            await self._call("hearth type edit", type=TYPES[kind], **wanted)
        if source.invents:
            await self._call("hearth type edit", type=TYPES[WITH_VOICE], voice=True)

    async def _found(self, plan: GroupPlan) -> str:
        return await self._call(
            "hearth group create",
            name=plan.name,
            type=TYPES[plan.kind],
            emoji=plan.emoji,
            purpose=plan.purpose,
            **WORDS,
        )

    async def _adopt(self, plan: GroupPlan) -> str:
        """Take over a role and a room that the server had before, and write a charter for them."""
        role = await self._owner.create_role(plan.name)
        for _ in range(OLD_HANDS):
            hand = await self._driver.sandbox.person(self._driver.society.server)
            await self._owner.give_role(hand, role)
        everyone = Overwrite(
            self._driver.society.server.id, OverwriteType.ROLE, deny=int(Permission.VIEW_CHANNEL)
        )
        inside = Overwrite(role.id, OverwriteType.ROLE, allow=int(Permission.VIEW_CHANNEL))
        rights = Overwrite(
            self._driver.sandbox.bot_id, OverwriteType.MEMBER, allow=int(Permission.VIEW_CHANNEL)
        )
        name = plan.name.casefold().replace(" ", "-")
        room = await self._owner.create_channel(name, overwrites=[everyone, inside, rights])
        await self._driver.sandbox.settle()
        card = await self._driver.call(
            self._owner, "hearth group adopt", type=TYPES[plan.kind], room=room, role=role
        )
        if "adopt-go" not in meanings(card):
            raise RuntimeError(f"nothing to adopt: {card.text}")
        card = await self._driver.press(self._owner, card, "adopt-go")
        await self._call(
            "hearth group edit",
            group=plan.name,
            emoji=plan.emoji,
            purpose=plan.purpose,
            **WORDS,
        )
        return card.text

    async def _call(self, path: str, **options: object) -> str:
        """Call a command as the owner and return what it said."""
        answer = await self._driver.call(self._owner, path, **options)
        if answer.failed or answer.kind == "none":
            raise RuntimeError(f"/{path} got no answer")
        return answer.text
