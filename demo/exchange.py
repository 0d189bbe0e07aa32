"""What goes from group to group: bridges, *From the neighbourhoods*, guest evenings.

People share messages of their own with the commons; now and then one of them deletes or changes
what they shared, and it goes from there too. Somebody who looks after a group publishes once a
week. Groups have each other over for an evening. A log's people share what the log holds.
"""

from datetime import datetime, timedelta

from demo.habits import DAY, Habits
from demo.noticeboard import Notice, meanings
from demo.society import Group
from sandbox.answers import Answer
from sandbox.people import Person
from sandbox.state import Channel, Message

HOSTED_FROM, SHARED_FROM, GUESTS_FROM = 7, 9, 15
"""Days after the start: somebody hosts the neighbourhoods, people share, groups have guests."""
SHARES = 0.25
"""How often somebody of a group shares something, on a day."""
REGRETS, CORRECTS = 0.12, 0.1
"""How often somebody deletes what they shared, or changes it, some days later."""
INVITES = 0.1
"""How often a group asks another over, on a day when it may."""
HOSTS = 3
"""How many take turns in publishing."""
LATELY = 40
"""Among how many of a room's last messages somebody finds one of their own to share."""
MENU = "Share with the commons"


class Exchange(Habits):
    """Who shares, who publishes, and who visits whom."""

    async def _do(self, today: int, now: datetime) -> None:
        if today >= HOSTED_FROM:
            await self._host()
        for group in self._groups():
            if today >= SHARED_FROM and self._random.random() < SHARES:
                await self._share(group)
            if today >= GUESTS_FROM and self._random.random() < INVITES:
                await self._invite(group, now)
        await self._say_yes()

    async def answer(self, notice: Notice, mentioned: Person | None) -> bool:
        """Take part in what a notice is about; False for other notices."""
        means = notice.verbs
        if "bridge-edition" in means:
            if mentioned is not None:
                await self._publish(mentioned, notice)
        elif "bridge-thanks" in means:
            await self._thank(notice)
        elif "guest-come" in means:
            for person in self._some_of(notice.channel, 2, 5):
                if person.sees(notice.channel):
                    await self._driver.press(person, notice.message, "guest-come")
        else:
            return False
        return True

    # --- sharing --------------------------------------------------------------------------------

    async def _share(self, group: Group) -> None:
        """Let somebody share one of their last messages in their group's room."""
        room = self._society.room(group)
        if room is None:
            return
        home = {
            self._society.people[who].id: self._society.people[who]
            for who in self._society.residents()[group.id]
        }
        lately = [m for m in room.history.before(None, LATELY) if m.author.id in home and m.content]
        if not lately:
            return
        message = self._random.choice(lately)
        person = home[message.author.id]
        if not self._driver.able(person) or not person.can_send(room):
            return
        card = await person.menu(MENU, message)
        if "bridge-share" not in meanings(card):
            return
        await self._driver.press(person, card, "bridge-share")
        chance = self._random.random()
        wait = timedelta(hours=self._random.randrange(24, 24 * 12))
        if chance < REGRETS and self._driver.source.invents:
            self._later(wait, lambda: self._delete(person, room, message))
        elif chance < REGRETS + CORRECTS and self._driver.source.invents:
            self._later(wait, lambda: self._correct(person, room, message))

    async def _delete(self, person: Person, room: Channel, message: Message) -> None:
        if room.history.get(message.id) is message and self._driver.able(person):
            await person.delete(message)

    async def _correct(self, person: Person, room: Channel, message: Message) -> None:
        if room.history.get(message.id) is message and self._driver.able(person):
            await person.edit(message, "On second thoughts: it took me four attempts.")

    # --- the neighbourhoods ---------------------------------------------------------------------

    async def _host(self) -> None:
        """Let those who look after groups offer to publish, until enough of them take turns."""
        if self._society.ask("SELECT count(*) FROM neighbourhood_host")[0][0] >= HOSTS:
            return
        for group_id in sorted(self._society.groups):
            person = self._in_office(group_id)
            if person is None:
                continue
            card = await self._page(person, self._society.groups[group_id], "bridge-board")
            if card is not None and meanings(card).get("bridge-host", ())[1:] == ("1",):
                await self._driver.press(person, card, "bridge-host")
                return

    async def _publish(self, person: Person, notice: Notice) -> None:
        """Read through what is ready, and publish it."""
        card = await self._driver.press(person, notice.message, "bridge-edition")
        if "bridge-publish" in meanings(card):
            await self._driver.press(person, card, "bridge-publish")

    async def _thank(self, notice: Notice) -> None:
        near = [
            one
            for who, one in sorted(self._society.people.items())
            if self._driver.awake(who) and self._driver.able(one)
        ]
        for person in self._random.sample(near, min(len(near), 3)):
            await self._driver.press(person, notice.message, "bridge-thanks")

    # --- guests ---------------------------------------------------------------------------------

    async def _invite(self, group: Group, now: datetime) -> None:
        person = self._in_office(group.id)
        if person is None:
            return
        card = await self._page(person, group, "guest-desk")
        if card is None or "guest-ask" not in meanings(card):
            return
        card = await self._driver.press(person, card, "guest-ask")
        if "guest-with" not in meanings(card) or not card.choices:
            return
        menu = ":".join(("guest-with", *meanings(card)["guest-with"]))
        form = await person.choose(card, self._random.choice(card.choices), custom_id=menu)
        day = now + self._random.randrange(3, 7) * DAY
        evening = {"day": f"{day:%Y-%m-%d}", "from": "18:00", "to": "21:00"}
        await self._driver.fill(person, form, **evening)

    async def _say_yes(self) -> None:
        """Let those who look after the groups that were asked say yes."""
        rows = self._society.ask(
            "SELECT id, guest_group_id FROM guest_evening"
            " WHERE agreed_at IS NULL AND closed_at IS NULL ORDER BY id"
        )
        for evening_id, group_id in rows:
            person, group = self._in_office(group_id), self._society.groups.get(group_id)
            if person is None or group is None:
                continue
            # What waits for an answer stands on the desk's first page.
            card = await self._driver.call(person, "desk", group=group.name)
            if meanings(card).get("guest-open", ())[:1] == (str(evening_id),):
                card = await self._driver.press(person, card, "guest-open")
                if "guest-yes" in meanings(card):
                    await self._driver.press(person, card, "guest-yes")

    async def _page(self, person: Person, group: Group, verb: str) -> Answer | None:
        """Open what a button of the desk's page leads to; None where it has no such button."""
        card = await self._driver.desk(person, group.name, "together")
        return await self._driver.press(person, card, verb) if verb in meanings(card) else None
