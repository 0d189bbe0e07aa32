"""/hearth setup as a new owner meets it: nine screens, one press, and what becomes of it."""

import asyncio
from datetime import datetime, timedelta

from bot.app import App
from bot.settings import Settings
from sandbox.answers import Answer
from sandbox.app import Sandbox
from sandbox.permissions import Permission
from tests.cogs.founding import channel, set_up
from tests.conftest import Running
from tests.whole import pointed_at

WORDS = {
    "purpose": "Evening runs around the lake, slow ones too.",
    "for_whom": "Whoever runs for joy, at any pace",
    "unites": "We would rather talk than race",
    "norms": "Nobody is left behind\nSay hello first\nNo talk of times",
}


async def screen(hearth: Running, number: int) -> Answer:
    """Open the setup and go on to one of its screens."""
    card = await hearth.owner.command("hearth setup")
    while f"{number} of 9" not in card.text:
        card = await hearth.owner.press(card, "Next")
    return card


async def planned(hearth: Running, card: Answer, name: str, kind: str = "interest") -> Answer:
    """Plan a group on the screen of groups; its own card is returned."""
    form = await hearth.owner.choose(card, kind, custom_id="setup-plan")
    return await hearth.owner.fill(form, name=name, **WORDS)


async def test_from_an_empty_server_to_three_open_groups(hearth: Running) -> None:
    """As a new owner goes: screens, rooms made for them, three groups that they look after."""
    owner = hearth.owner
    mods = await owner.create_role("Mods", permissions=Permission.KICK_MEMBERS)
    mo = await hearth.person("Mo")
    await owner.give_role(mo, mods)
    first = await owner.command("hearth setup")
    assert "Nothing is made or posted before the last press" in first.text
    assert "every permission that I need" in first.text
    safety = await owner.press(first, "Next")
    assert f"I picked <@&{mods.id}>" in safety.text
    rooms = await owner.press(await owner.press(safety, "Next"), "Next")
    rooms = await owner.press(rooms, "Make the rest for me")
    assert rooms.text.count("I'll make it, private") == 3
    place = await owner.press(rooms, "Next")
    place = await owner.choose(place, "Lisbon", custom_id="setup-zone")
    assert "**Europe/Lisbon**, where it is 12:00 now" in place.text
    kinds = await owner.press(place, "Next")
    kinds = await owner.choose(kinds, ["Interest", "Place"])
    groups = await owner.press(await owner.press(kinds, "Next"), "Next")
    for name, kind in (("🌊 Riverside", "interest"), ("⛰️ Hill", "geographic"), ("📚 Nook", "own")):
        chosen = "interest" if kind == "own" else kind
        plan = await owner.press(await planned(hearth, groups, name, chosen), "I'll look after it")
        groups = await owner.press(plan, "Back to the groups")
    before = len(hearth.server.channels)
    total = await owner.press(groups, "Next")
    assert "3 roles, 6 rooms, 1 category" in total.text
    assert "**Seats:** 450" in total.text
    assert "full after about 8 weeks at the earliest" in total.text
    assert len(hearth.server.channels) == before
    done = await owner.press(total, "Begin")
    assert "All is set up" in done.text, done.text
    assert "say what fits there, so that *Find a home* can suggest it" in done.text
    rituals = await owner.press(await owner.command("desk", group="Riverside"), "Rituals")
    assert "press ‹Set up the usual rituals›, then ‹Start›" in done.text
    assert "Set up the usual rituals" in rituals.buttons
    for name in ("🌊-riverside", "⛰️-hill", "📚-nook", "facilitators", "owners-hearth"):
        assert f"<#{channel(hearth, name).id}>" in done.text
    kim = await hearth.person("Kim")
    for name in ("Riverside", "Hill", "Nook"):
        assert f"**{name}**" in (await kim.command("groups")).text
    await owner.command("hearth setup", brake_account_days=0)
    joined = await kim.command("join", group="Riverside")
    assert "Welcome home" in joined.text
    assert mo.sees(channel(hearth, "🌊-riverside"))
    assert mo.sees(channel(hearth, "moderators-hearth"))
    for name in ("facilitators", "moderators-hearth", "owners-hearth", "⛰️-hill"):
        assert not kim.sees(channel(hearth, name)), name
    assert "All is well" in (await owner.command("hearth check")).text


async def test_it_goes_on_where_it_was_left(hearth: Running) -> None:
    """After a day, by another owner: the same screen, with everything that was chosen."""
    owner = hearth.owner
    card = await screen(hearth, 5)
    await owner.choose(card, "Berlin", custom_id="setup-zone")
    put_away = await owner.press(await screen(hearth, 9), "Not now")
    assert "All kept" in put_away.text
    at_home = await owner.command("home")
    assert "Setup waits where you left it" in at_home.text
    assert "9 of 9" in (await owner.press(at_home, "Go on with setup")).text
    await owner.press(await screen(hearth, 9), "Back")
    await hearth.advance(timedelta(days=1))
    second = await hearth.person("Second")
    role = await owner.create_role("Admins", permissions=Permission.MANAGE_GUILD)
    await owner.give_role(second, role)
    card = await second.command("hearth setup")
    assert "8 of 9" in card.text
    assert "Welcome back" in card.text
    for _ in range(3):
        card = await second.press(card, "Back")
    assert "**Europe/Berlin**" in card.text


async def test_what_is_missing_is_named_with_its_fix(hearth: Running) -> None:
    """Without Manage Roles there is no way on; with it and without the audit log there is."""
    owner, server = hearth.owner, hearth.server
    own = next(role for role in server.roles.values() if role.managed)
    all_of_it = own.permissions
    lacking = Permission.MANAGE_ROLES | Permission.VIEW_AUDIT_LOG
    await owner.edit_role(own, permissions=int(all_of_it) & ~int(lacking))
    await hearth.settle()
    card = await owner.command("hearth setup")
    assert "I'm missing **Manage Roles**" in card.text
    assert f"Server Settings → Roles → <@&{own.id}> → Permissions" in card.text
    assert card.buttons == ["Look again"]
    await owner.edit_role(own, permissions=int(all_of_it) & ~int(Permission.VIEW_AUDIT_LOG))
    await hearth.settle()
    card = await owner.press(card, "Look again")
    assert "**Manage Roles**" not in card.text
    assert "View Audit Log" in card.text
    assert card.buttons == ["Look again", "Next"]
    total = await screen(hearth, 9)
    assert "Begin" in total.buttons
    await owner.edit_role(own, permissions=int(all_of_it) & ~int(lacking))
    await hearth.settle()
    total = await owner.press(await owner.press(total, "Back"), "Next")
    assert "I can't begin" in total.text
    assert "Begin" not in total.buttons
    back = await owner.press(total, "What I may do")
    assert "1 of 9" in back.text


async def test_rooms_that_cannot_work_are_refused_with_the_fix(hearth: Running) -> None:
    """Hidden, shut, public where it should be private; none at all for the commons."""
    owner, everyone = hearth.owner, hearth.server.roles[hearth.server.id]
    hidden = await owner.create_channel("hidden")
    await owner.set_overwrite(hidden, everyone, deny=Permission.VIEW_CHANNEL)
    shut = await owner.create_channel("shut")
    await owner.set_overwrite(shut, everyone, deny=Permission.SEND_MESSAGES)
    await hearth.settle()
    card = await screen(hearth, 4)
    card = await owner.choose(card, hidden, custom_id="setup-room:owners_room_id")
    assert "is not a text channel that I can see" in card.text
    card = await owner.choose(card, shut, custom_id="setup-room:owners_room_id")
    assert "I can't write in" in card.text
    welcome = channel(hearth, "welcome")
    card = await owner.choose(card, welcome, custom_id="setup-room:moderators_room_id")
    assert f"Everyone can see <#{welcome.id}>" in card.text
    card = await owner.choose(card, [], custom_id="setup-room:commons_id")
    assert "can't do without" in card.text
    assert "Next" not in card.buttons
    card = await owner.press(card, "Make the rest for me")
    assert "**Commons**, which everyone sees: *I'll make it*" in card.text


async def test_roles_that_can_have_no_part(hearth: Running) -> None:
    """@everyone and Hearth's own role keep nobody safe; a choice can be taken back."""
    owner, server = hearth.owner, hearth.server
    mods = await owner.create_role("Mods", permissions=Permission.BAN_MEMBERS)
    card = await screen(hearth, 2)
    refused = await owner.choose(card, server.roles[server.id])
    assert "can't have a part" in refused.text
    own = next(role for role in server.roles.values() if role.managed)
    assert "can't have a part" in (await owner.choose(card, own)).text
    assert "Nobody is picked" in (await owner.choose(card, [])).text
    card = await owner.choose(card, mods)
    assert f"I picked <@&{mods.id}>" in card.text
    many = [await owner.create_role(f"Guard {n}") for n in range(14)]
    card = await owner.choose(card, many)
    assert "These are 14 roles" in card.text
    card = await screen(hearth, 6)
    await owner.choose(card, ["Interest", "Identity"])
    total = await screen(hearth, 9)
    refused = await owner.press(total, "Begin")
    assert "14 roles that keep the server safe are too many" in refused.text
    assert "Pick 13 at most" in refused.text


async def test_a_city_can_be_typed(hearth: Running) -> None:
    """A near miss is told, and the screen stays."""
    card = await screen(hearth, 5)
    form = await hearth.owner.press(card, "Another city")
    assert "Did you mean: Lisbon" in (await hearth.owner.fill(form, city="Lissbon")).text
    form = await hearth.owner.press(card, "Another city")
    card = await hearth.owner.fill(form, city="Reykjavik")
    assert "**Atlantic/Reykjavik**" in card.text


async def test_a_charter_that_cannot_stand_is_kept(hearth: Running) -> None:
    """Fix it opens what was typed; two planned groups share no name; a plan can be dropped."""
    owner = hearth.owner
    card = await screen(hearth, 8)
    form = await owner.choose(card, "interest", custom_id="setup-plan")
    refused = await owner.fill(form, name="🌊 Riverside", **{**WORDS, "norms": "Be kind"})
    assert "Fix it" in refused.buttons
    form = await owner.press(refused, "Fix it")
    assert WORDS["purpose"] in str(form.components)
    plan = await owner.fill(form, norms=WORDS["norms"])
    assert "🌊 **Riverside** · Interest" in plan.text
    form = await owner.press(plan, "Sign and place")
    wrong = await owner.fill(form, sign="river blue")
    form = await owner.press(wrong, "Fix it")
    plan = await owner.fill(form, sign="🪷 blue", city="Lisbon")
    assert "🪷 **Riverside**" in plan.text
    groups = await owner.press(plan, "Back to the groups")
    taken = await planned(hearth, groups, "riverside")
    assert "a group called **riverside** already" in taken.text
    groups = await owner.press(taken, "Back to the groups")
    plan = await owner.choose(groups, "🪷 Riverside", custom_id="setup-open")
    groups = await owner.press(plan, "Take it off the list")
    assert "None is planned yet" in groups.text


async def test_whoever_is_asked_opens_the_group(hearth: Running) -> None:
    """A bot is nobody to ask; a person is asked after the press, and their yes opens the group."""
    owner = hearth.owner
    lena = await hearth.person("Lena")
    plan = await planned(hearth, await screen(hearth, 8), "🌊 Riverside")
    assert "asked privately and may say no" in plan.text
    bot = hearth.server.members[hearth.sandbox.world.state.bot.id].user
    refused = await owner.choose(plan, bot, custom_id="setup-care:1")
    assert "A bot can't look after people" in refused.text
    plan = await owner.choose(plan, lena, custom_id="setup-care:1")
    assert f"I'll ask <@{lena.id}> privately" in plan.text
    groups = await owner.press(plan, "Back to the groups")
    assert f"looked after by <@{lena.id}>" in groups.text
    await hearth.settle()
    assert not channel(hearth, "general").history
    total = await screen(hearth, 9)
    assert "finds a line in the commons" in total.text
    done = await owner.press(total, "Begin")
    assert "1 group is made and opens once somebody looks after it" in done.text
    await hearth.settle()
    question = await lena.press(await lena.command("home"), "A question for you")
    await lena.press(question, "Yes, gladly")
    await hearth.settle()
    await owner.command("hearth setup", brake_account_days=0)
    kim = await hearth.person("Kim")
    assert "Welcome home" in (await kim.command("join", group="Riverside")).text


async def test_the_facilitators_room_opens_to_who_looks_after_a_group(hearth: Running) -> None:
    """In with the yes, out with the end of the office; what owners write there stands."""
    owner = hearth.owner
    await owner.press(await screen(hearth, 4), "Make the rest for me")
    plan = await planned(hearth, await screen(hearth, 8), "🌊 Riverside")
    await owner.press(plan, "I'll look after it")
    await owner.press(await screen(hearth, 9), "Begin")
    room = channel(hearth, "facilitators")
    lena = await hearth.person("Lena")
    mo = await hearth.person("Mo")
    guests = await owner.create_role("Guests")
    await owner.give_role(mo, guests)
    await owner.set_overwrite(room, guests, allow=Permission.VIEW_CHANNEL)
    await owner.command("hearth facilitator ask", group="Riverside", user=lena)
    await hearth.settle()
    assert not lena.sees(room)
    question = await lena.press(await lena.command("home"), "A question for you")
    await lena.press(question, "Yes, gladly")
    await hearth.settle()
    assert lena.sees(room)
    assert lena.can_send(room)
    await owner.edit_channel(room, name="helpers")
    await owner.delete_overwrite(room, lena)
    await hearth.advance(timedelta(hours=1))
    assert lena.sees(room)
    assert room.name == "helpers"
    await owner.command("hearth facilitator remove", group="Riverside", user=lena)
    await hearth.settle()
    assert not lena.sees(room)
    assert mo.sees(room)


async def test_what_discord_refuses_waits_for_the_owner(hearth: Running) -> None:
    """The step says why and how it is mended; tried again it is done, and all is over."""
    owner, server = hearth.owner, hearth.server
    own = next(role for role in server.roles.values() if role.managed)
    all_of_it = int(own.permissions)
    await owner.press(await planned(hearth, await screen(hearth, 8), "🌊 Riverside"), "Charter")
    await owner.press(await screen(hearth, 9), "Back")
    total = await screen(hearth, 9)
    down = hearth.sandbox.faults.add("503", "POST", "/guilds/{guild_id}/channels", times=None)
    begun = await owner.press(total, "Begin")
    assert "⏳ 🌊 Riverside" in begun.text
    assert {"Pause", "Cancel the rest"} <= set(begun.buttons)
    await owner.edit_role(own, permissions=all_of_it & ~int(Permission.MANAGE_CHANNELS))
    hearth.sandbox.faults.remove(down)
    await hearth.settle()
    again = await owner.press(begun, "Look again")
    assert "❌ 🌊 Riverside" in again.text
    assert "Discord says:" in again.text
    assert "/hearth check has the exact fix" in again.text
    assert "Manage Channels" in (await owner.command("hearth check")).text
    await owner.edit_role(own, permissions=all_of_it)
    await hearth.settle()
    done = await owner.press(again, "Try again")
    assert "All is set up" in done.text
    assert f"<#{channel(hearth, '🌊-riverside').id}>" in done.text


async def test_pause_go_on_cancel(hearth: Running) -> None:
    """Paused, nothing is begun by any minute; cancelled, what is made stays and the rest is not."""
    owner, server = hearth.owner, hearth.server
    await owner.press(await screen(hearth, 4), "Make the rest for me")
    groups = await screen(hearth, 8)
    for name in ("🌊 Riverside", "🪷 Millpond", "📚 Nook", "🎲 Table"):
        plan = await planned(hearth, groups, name)
        groups = await owner.press(plan, "Back to the groups")
    total = await owner.press(groups, "Next")
    down = hearth.sandbox.faults.add("503", "POST", "/guilds/{guild_id}/channels", times=None)
    begun = await owner.press(total, "Begin")
    assert "It goes on by itself" in begun.text
    paused = await owner.press(begun, "Pause")
    assert "Nothing more is begun until you press ‹Go on›" in paused.text
    hearth.sandbox.faults.remove(down)
    await hearth.advance(timedelta(minutes=5))
    roles = {role.name for role in server.roles.values()}
    assert not {"🎲 Table", "Table"} & roles
    shown = await owner.command("hearth setup")
    assert "Paused" in shown.text
    cancelled = await owner.press(shown, "Cancel the rest")
    assert "What is made stays; the rest isn't made" in cancelled.text
    await hearth.advance(timedelta(minutes=5))
    assert not {"🎲 Table", "Table"} & {role.name for role in server.roles.values()}
    assert "This is how Hearth is set up" in (await owner.command("hearth setup")).text


async def test_what_takes_long_is_told_to_the_owners(hearth: Running) -> None:
    """Who has put the screen away finds a line in the owners' room when all is done."""
    owner = hearth.owner
    own = next(role for role in hearth.server.roles.values() if role.managed)
    all_of_it = int(own.permissions)
    await owner.press(await screen(hearth, 4), "Make the rest for me")
    total = await screen(hearth, 9)
    down = hearth.sandbox.faults.add("503", "POST", "/guilds/{guild_id}/channels", times=None)
    begun = await owner.press(total, "Begin")
    assert "It goes on by itself" in begun.text
    await owner.edit_role(own, permissions=all_of_it & ~int(Permission.MANAGE_CHANNELS))
    hearth.sandbox.faults.remove(down)
    await hearth.advance(timedelta(minutes=12))
    stuck = await owner.command("hearth setup")
    assert "The rest waits for you" in stuck.text
    await owner.edit_role(own, permissions=all_of_it)
    await hearth.settle()
    await owner.press(stuck, "Try again")
    await hearth.advance(timedelta(minutes=2))
    lines = list(channel(hearth, "owners-hearth").history)
    line = next(line for line in lines if "Setup is done" in line.content)
    looked = await owner.press(line, "Look at it")
    assert "All is set up" in looked.text


async def test_setup_again_begins_with_what_is_set_up(hearth: Running) -> None:
    """Gone through once more it changes what is changed, and nothing else."""
    owner = hearth.owner
    mods = await owner.create_role("Mods")
    await set_up(hearth, safety_role_1=mods, brake_account_days=9, needs_facilitator=True)
    shown = await owner.command("hearth setup")
    assert "Brake: accounts younger than 9 days wait." in shown.text
    assert "opens once somebody looks after it" in shown.text
    card = await owner.press(shown, "Go through setup")
    card = await owner.press(card, "Next")
    assert f"Picked: <@&{mods.id}>" in card.text
    card = await screen(hearth, 7)
    assert "Brake: as you set it" in card.text
    await owner.command("hearth type edit", type="Interest", newcomers_per_week=7)
    card = await screen(hearth, 7)
    assert "**At a pace: off.**" in card.text
    card = await owner.press(card, "At a pace: switch on")
    assert "Interest 7" in card.text
    assert "Place 20" in card.text
    card = await owner.press(card, "Cities: show")
    total = await screen(hearth, 9)
    assert "nothing. What you chose is kept, that is all." in total.text
    await owner.command("hearth type edit", type="Interest", newcomers_per_week=0)
    kept = await owner.press(total, "Keep it")
    assert "All is set up" in kept.text
    assert "20 newcomers a week" in (await owner.command("hearth type list")).text
    shown = await owner.command("hearth setup")
    assert "Brake: accounts younger than 9 days wait." in shown.text
    assert "cities stand in /groups" in shown.text
    assert f"<@&{mods.id}>" in shown.text


async def test_options_and_screens_agree(hearth: Running) -> None:
    """What is changed by an option while the screens are half done stands on them, too."""
    owner = hearth.owner
    await set_up(hearth)
    card = await owner.press(await owner.command("hearth setup"), "Go through setup")
    assert "1 of 9" in card.text
    mods = await owner.create_role("Mods")
    room = await owner.create_channel("helm")
    await owner.command(
        "hearth setup",
        time_zone="Lisbon",
        safety_role_1=mods,
        owners_room=room,
        brake_joins_per_hour=55,
        shows_cities=True,
    )
    assert f"Picked: <@&{mods.id}>" in (await screen(hearth, 2)).text
    assert f"<#{room.id}>" in (await screen(hearth, 4)).text
    assert "**Europe/Lisbon**" in (await screen(hearth, 5)).text
    ways = await screen(hearth, 7)
    assert "more than 55 moving in" in ways.text
    assert "Cities: shown" in ways.text
    await owner.command("hearth setup", take_out=mods)
    card = await owner.press(ways, "Back")
    for _ in range(4):
        card = await owner.press(card, "Back")
    assert "Nobody is picked" in card.text


async def test_old_screens_do_no_harm(hearth: Running) -> None:
    """Who owns the server no more, a kind that was never there: one friendly line each."""
    owner = hearth.owner
    role = await owner.create_role("Admins", permissions=Permission.MANAGE_GUILD)
    second = await hearth.person("Second")
    await owner.give_role(second, role)
    card = await second.press(await second.command("hearth setup"), "Next")
    await owner.take_role(second, role)
    for label in ("Back", "Next"):
        assert "for the owners of this server" in (await second.press(card, label)).text
    groups = await screen(hearth, 8)
    first = await planned(hearth, groups, "🌊 Riverside")
    form = await owner.press(first, "Charter")
    await owner.press(first, "Take it off the list")
    assert "off the list by now" in (await owner.fill(form, name="Riverbank")).text


async def test_a_kill_in_the_middle_makes_nothing_twice(settings: Settings, now: datetime) -> None:
    """Answers lost and the process gone: the next one adopts what is there and does the rest."""
    async with Sandbox(start=now, time_scale=1000) as sandbox:
        server = sandbox.add_server()
        here = pointed_at(sandbox, settings)
        async with App.open(here) as app:
            running = asyncio.create_task(app.run())
            await sandbox.settle()
            hearth = Running(sandbox, server, server.owner, app)
            await hearth.owner.press(await screen(hearth, 4), "Make the rest for me")
            plan = await planned(hearth, await screen(hearth, 8), "🌊 Riverside")
            await hearth.owner.press(plan, "I'll look after it")
            total = await screen(hearth, 9)
            lost = sandbox.faults.add(
                "silence", "POST", "/guilds/{guild_id}/channels", times=None, effect=True
            )
            begun = await hearth.owner.press(total, "Begin")
            assert "All is set up" not in begun.text
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        sandbox.faults.remove(lost)
        async with App.open(here) as app:
            running = asyncio.create_task(app.run())
            try:
                await sandbox.settle()
                await sandbox.advance(sandbox.clock.now() + timedelta(minutes=3))
                shown = await server.owner.command("hearth setup")
                assert "This is how Hearth is set up" in shown.text
                names = sorted(c.name for c in server.channels.values())
                assert names == sorted(set(names))
                assert {"facilitators", "owners-hearth", "🌊-riverside"} <= set(names)
                assert "Everything runs" in (await server.owner.command("hearth check")).text
            finally:
                await app.close()
                await running
