"""Interactions, end to end with discord.py's command tree: questions, answers and time limits."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Self

import discord
import pytest
from discord import app_commands, ui

from sandbox.app import Sandbox
from sandbox.permissions import Permission
from tests.sandbox.clients import PATIENCE, Client, Wires, logged_in

if TYPE_CHECKING:
    import re
    from collections.abc import AsyncIterator, Callable

    from sandbox.people import Person
    from sandbox.state import Server

Interaction = discord.Interaction[Any]


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """An open sandbox whose limits pass quickly."""
    async with Sandbox(time_scale=1000) as opened:
        yield opened


@pytest.fixture
def server(sandbox: Sandbox) -> Server:
    """A server with three members beside its owner and the bot."""
    return sandbox.add_server(members=3)


@pytest.fixture
async def kim(sandbox: Sandbox, server: Server) -> Person:
    """Someone to ask."""
    return await sandbox.person(server, "Kim")


@pytest.fixture
def client() -> Client:
    """A client that is not logged in yet: its commands are still to come."""
    return Client()


class Wave(ui.DynamicItem[ui.Button[Any]], template=r"wave:(?P<who>\d+)"):
    """A button that needs no memory: its id says whom it is for."""

    def __init__(self, who: int) -> None:
        self.who = who
        super().__init__(ui.Button(label="Wave", emoji="👋", custom_id=f"wave:{who}"))

    @classmethod
    async def from_custom_id(
        cls, interaction: Interaction, item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the item again from what its id says."""
        del interaction, item
        return cls(int(match["who"]))

    async def callback(self, interaction: Interaction) -> None:
        """Say to whom was waved."""
        await interaction.response.send_message(f"waved to <@{self.who}>", ephemeral=True)


# --- commands -------------------------------------------------------------------------------------


async def test_a_command_is_answered_for_one_person(
    sandbox: Sandbox, server: Server, kim: Person, client: Client
) -> None:
    """The command gets its options as objects; only its caller reads the answer."""
    seen: list[Interaction] = []

    @client.tree.command()
    async def visit(  # pyright: ignore[reportUnusedFunction] - its decorator keeps it
        interaction: Interaction,
        who: discord.Member,
        role: discord.Role,
        room: discord.TextChannel,
        days: app_commands.Range[int, 1, 14] = 14,
        *,
        loud: bool = False,
    ) -> None:
        """Visit someone."""
        seen.append(interaction)
        parts = (who.display_name, role.name, room.name, str(days), str(loud))
        await interaction.response.send_message(" ".join(parts), ephemeral=True)

    crew = await server.owner.create_role("Crew")
    lea = await sandbox.person(server, "Lea")
    await server.owner.give_role(lea, crew)
    general = server.channel("general")
    async with logged_in(sandbox, client):
        answer = await kim.command("visit", who=lea, role=crew, room=general, days=3)
    assert answer.content == "Lea Crew general 3 False"
    assert answer.ephemeral
    assert answer.kind == "message"
    assert not answer.failed
    assert len(general.history) == 0
    (interaction,) = seen
    assert isinstance(interaction.user, discord.Member)
    assert interaction.user.id == kim.id
    assert interaction.permissions.send_messages
    assert interaction.app_permissions.manage_roles
    assert not interaction.app_permissions.administrator
    assert interaction.guild_locale is discord.Locale.american_english
    assert interaction.context.guild
    assert interaction.is_guild_integration()
    assert not interaction.is_expired()


async def test_an_open_answer_stands_in_the_room(
    sandbox: Sandbox, server: Server, kim: Person, client: Client
) -> None:
    """An answer that is not ephemeral is a message for all, with what it answers written on it."""

    @client.tree.command()
    async def hello(interaction: Interaction) -> None:  # pyright: ignore[reportUnusedFunction] - its decorator keeps it
        """Say hello."""
        await interaction.response.send_message(f"hello {interaction.user.mention}")

    async with logged_in(sandbox, client):
        coming = client.wait_for("message", timeout=PATIENCE)
        answer = await kim.command("hello")
        message = await coming
        assert not answer.ephemeral
        assert [m.content for m in server.channel("general").history] == [f"hello {kim.mention}"]
        assert message.type is discord.MessageType.chat_input_command
        assert message.interaction_metadata is not None
        assert message.interaction_metadata.user.id == kim.id
        assert [person.id for person in message.mentions] == [kim.id]


async def test_a_deferred_answer_is_followed_to_its_end(
    sandbox: Sandbox, kim: Person, client: Client
) -> None:
    """After "thinking…" the first follow-up is the answer, later ones come after it."""
    thinking, go = asyncio.Event(), asyncio.Event()

    @client.tree.command()
    async def slow(interaction: Interaction) -> None:  # pyright: ignore[reportUnusedFunction] - its decorator keeps it
        """Take a while."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        thinking.set()
        await go.wait()
        await interaction.followup.send("done")
        more = await interaction.followup.send("and more", ephemeral=True, wait=True)
        await more.edit(content="and much more")

    async with logged_in(sandbox, client):
        asking = asyncio.create_task(kim.command("slow"))
        await thinking.wait()
        assert not asking.done()
        go.set()
        answer = await asking
        assert answer.content == "done"
        assert answer.ephemeral
        await sandbox.settle()
        assert [followup.content for followup in answer.followups] == ["and much more"]
        assert answer.text == "done\nand much more"


async def test_an_answer_is_edited_and_withdrawn(
    sandbox: Sandbox, kim: Person, client: Client
) -> None:
    """The original answer can be read, changed and deleted with the interaction's token."""

    @client.tree.command()
    async def fickle(interaction: Interaction) -> None:  # pyright: ignore[reportUnusedFunction] - its decorator keeps it
        """Change one's mind."""
        await interaction.response.defer(ephemeral=True)
        await interaction.edit_original_response(content="first")
        shown = await interaction.original_response()
        await interaction.edit_original_response(content=f"{shown.content}, then second")
        await interaction.followup.send("bye", ephemeral=True)
        await interaction.delete_original_response()

    async with logged_in(sandbox, client):
        answer = await kim.command("fickle")
        assert answer.content in {"first", "first, then second"}
        await sandbox.settle()
        assert answer.kind == "none"
        assert answer.text == "bye"


async def test_autocomplete_suggests(sandbox: Sandbox, kim: Person, client: Client) -> None:
    """What is typed reaches the bot with the other options; names and values come back."""

    @client.tree.command()
    async def join(  # pyright: ignore[reportUnusedFunction] - its decorator keeps it
        interaction: Interaction, kind: str, group: str
    ) -> None:
        """Join a group."""
        await interaction.response.send_message(f"joined {group} ({kind})", ephemeral=True)

    @join.autocomplete("group")
    async def suggest(  # pyright: ignore[reportUnusedFunction] - its decorator keeps it
        interaction: Interaction, current: str
    ) -> list[app_commands.Choice[str]]:
        kind = interaction.namespace.kind
        return [app_commands.Choice(name=f"🌊 {current} {kind}", value=f"id-of-{current}")]

    async with logged_in(sandbox, client):
        suggested = await kim.autocomplete("join", "group", "riv", kind="open")
        assert suggested == [("🌊 riv open", "id-of-riv")]
        answer = await kim.command("join", kind="open", group=suggested[0][1])
        assert answer.content == "joined id-of-riv (open)"


async def test_subcommands_are_reached_by_their_path(
    sandbox: Sandbox, server: Server, kim: Person, client: Client
) -> None:
    """Groups nest, default permissions decide who is offered what, and mistakes are named."""
    hearth = app_commands.Group(
        name="hearth",
        description="For owners",
        default_permissions=discord.Permissions(manage_guild=True),
    )
    group = app_commands.Group(name="group", description="Groups", parent=hearth)

    @group.command()
    @app_commands.choices(kind=[app_commands.Choice(name="By role", value="role")])
    async def create(  # pyright: ignore[reportUnusedFunction] - its decorator keeps it
        interaction: Interaction, name: app_commands.Range[str, 1, 10], kind: str = "none"
    ) -> None:
        """Create a group."""
        await interaction.response.send_message(f"{name} {kind}", ephemeral=True)

    client.tree.add_command(hearth)
    owner = server.owner
    async with logged_in(sandbox, client):
        assert (await owner.command("hearth group create", name="Elm")).content == "Elm none"
        answer = await owner.command("hearth group create", name="Elm", kind="By role")
        assert answer.content == "Elm role"
        with pytest.raises(PermissionError, match="not offered"):
            await kim.command("hearth group create", name="Elm")
        role = await owner.create_role("Owners", permissions=Permission.MANAGE_GUILD)
        await owner.give_role(kim, role)
        assert (await kim.command("hearth group create", name="Oak")).content == "Oak none"
        for path, options, mistake in (
            ("hearth", {}, "a subcommand is missing; there are: group"),
            ("hearth group", {}, "a subcommand is missing; there are: create"),
            ("hearth group raze", {}, "no subcommand 'raze'; there are: create"),
            ("help", {}, "no command 'help'"),
            ("hearth group create", {"nam": "x"}, "no option 'nam'"),
        ):
            with pytest.raises(LookupError, match=mistake):
                await owner.command(path, **options)
        for options, mistake in (
            ({}, "'name' is required"),
            ({"name": "x" * 11}, "takes 10 at most"),
            ({"name": "x", "kind": "other"}, "offers: By role"),
        ):
            with pytest.raises(ValueError, match=mistake):
                await owner.command("hearth group create", **options)
        with pytest.raises(TypeError, match="does not take 3"):
            await owner.command("hearth group create", name=3)


async def test_menus_are_called_on_messages_and_people(
    sandbox: Sandbox, server: Server, kim: Person, client: Client
) -> None:
    """A message's menu hands its text to the bot, even without the content intent."""

    @client.tree.context_menu(name="Share with the commons")
    async def share(  # pyright: ignore[reportUnusedFunction] - its decorator keeps it
        interaction: Interaction, message: discord.Message
    ) -> None:
        await interaction.response.send_message(f"shared: {message.content}", ephemeral=True)

    @client.tree.context_menu(name="Together or apart")
    async def together(  # pyright: ignore[reportUnusedFunction] - its decorator keeps it
        interaction: Interaction, member: discord.Member
    ) -> None:
        await interaction.response.send_message(member.display_name, ephemeral=True)

    async with logged_in(sandbox, client):
        message = await server.owner.write(server.channel("general"), "a good day")
        answer = await kim.menu("Share with the commons", message)
        assert answer.content == "shared: a good day"
        assert (await kim.menu("Together or apart", kim)).content == "Kim"


async def test_commands_work_in_the_dm(sandbox: Sandbox, kim: Person, client: Client) -> None:
    """A global command is offered in the bot's DM unless it says that it is for servers."""

    @client.tree.command()
    async def privacy(interaction: Interaction) -> None:  # pyright: ignore[reportUnusedFunction] - its decorator keeps it
        """Show what is kept."""
        where = "a server" if interaction.guild else "private"
        await interaction.response.send_message(f"in {where}, {interaction.user.name}")

    @client.tree.command()
    @app_commands.guild_only()
    async def join(interaction: Interaction) -> None:  # pyright: ignore[reportUnusedFunction] - its decorator keeps it
        """Join a group."""
        await interaction.response.send_message("joined")

    async with logged_in(sandbox, client):
        kim.room = kim.dm
        assert (await kim.command("privacy")).content == "in private, kim"
        assert [message.content for message in kim.dms] == ["in private, kim"]
        with pytest.raises(LookupError, match="no command 'join'"):
            await kim.command("join")


# --- components -----------------------------------------------------------------------------------


async def test_a_button_without_memory_is_pressed(
    sandbox: Sandbox, server: Server, kim: Person, client: Client
) -> None:
    """A DynamicItem on an old message answers its presser, found by label, emoji or id."""
    client.add_dynamic_items(Wave)
    async with logged_in(sandbox, client):
        room = client.get_channel(server.channel("general").id)
        assert isinstance(room, discord.TextChannel)
        view = ui.View(timeout=None).add_item(Wave(kim.id))
        view.add_item(ui.Button(label="Closed", disabled=True, custom_id="closed"))
        sent = await room.send("welcome", view=view)
        message = server.channel("general").history.get(sent.id)
        assert message is not None
        for answer in (
            await server.owner.press(message, "Wave"),
            await server.owner.press(message, "👋 Wave"),
            await server.owner.press(message, custom_id=f"wave:{kim.id}"),
        ):
            assert answer.content == f"waved to {kim.mention}"
            assert answer.ephemeral
        with pytest.raises(LookupError, match="no button 'Closed' to press; there are: 'Wave'"):
            await server.owner.press(message, "Closed")


class Steps(ui.View):
    """A message that changes as its buttons are pressed."""

    @ui.button(label="At once")
    async def at_once(self, interaction: Interaction, button: ui.Button[Self]) -> None:
        """Change the message in the first answer."""
        button.label = "Done"
        await interaction.response.edit_message(content="changed at once", view=self)

    @ui.button(label="Later")
    async def later(self, interaction: Interaction, button: ui.Button[Self]) -> None:
        """Put the change off."""
        del button
        await interaction.response.defer()
        await interaction.edit_original_response(content="changed later")

    @ui.button(label="Say")
    async def say(self, interaction: Interaction, button: ui.Button[Self]) -> None:
        """Leave the message as it is and say something."""
        del button
        await interaction.response.defer()
        await interaction.followup.send("said", ephemeral=True)

    @ui.button(label="Nothing")
    async def nothing(self, interaction: Interaction, button: ui.Button[Self]) -> None:
        """Leave the message as it is."""
        del button
        await interaction.response.defer()


async def test_a_press_changes_its_message(sandbox: Sandbox, kim: Person, client: Client) -> None:
    """An update answers at once or later, says something else, or leaves things as they are."""

    @client.tree.command()
    async def steps(interaction: Interaction) -> None:  # pyright: ignore[reportUnusedFunction] - its decorator keeps it
        """Show buttons."""
        await interaction.response.send_message("start", view=Steps(), ephemeral=True)

    async with logged_in(sandbox, client):
        start = await kim.command("steps")
        assert start.buttons == ["At once", "Later", "Say", "Nothing"]
        nothing = await kim.press(start, "Nothing")
        assert (nothing.kind, nothing.failed) == ("none", False)
        changed = await kim.press(start, "At once")
        assert changed.content == start.content == "changed at once"
        assert start.buttons == ["Done", "Later", "Say", "Nothing"]
        assert (await kim.press(start, "Later")).content == "changed later"
        said = await kim.press(start, "Say")
        assert said.content == "said"
        assert start.content == "changed later"


async def test_ephemeral_messages_are_their_persons_own(
    sandbox: Sandbox, server: Server, kim: Person, client: Client
) -> None:
    """Nobody else can press what only one person sees."""

    @client.tree.command()
    async def steps(interaction: Interaction) -> None:  # pyright: ignore[reportUnusedFunction] - its decorator keeps it
        """Show buttons."""
        await interaction.response.send_message("start", view=Steps(), ephemeral=True)

    async with logged_in(sandbox, client):
        start = await kim.command("steps")
        with pytest.raises(PermissionError, match="someone else's"):
            await server.owner.press(start, "Nothing")


async def test_menus_offer_texts_people_roles_and_rooms(
    sandbox: Sandbox, server: Server, kim: Person, client: Client
) -> None:
    """Each kind of menu sends what was chosen, with objects resolved."""

    class Menus(ui.View):
        @ui.select(
            custom_id="colour",
            options=[
                discord.SelectOption(label="Red", value="r"),
                discord.SelectOption(label="Blue", value="b"),
            ],
            max_values=2,
        )
        async def colour(self, interaction: Interaction, select: ui.Select[Self]) -> None:
            await interaction.response.send_message(" ".join(select.values), ephemeral=True)

        @ui.select(cls=ui.UserSelect, custom_id="who")
        async def who(self, interaction: Interaction, select: ui.UserSelect[Self]) -> None:
            assert isinstance(select.values[0], discord.Member)
            await interaction.response.send_message(select.values[0].display_name)

        @ui.select(cls=ui.RoleSelect, custom_id="role")
        async def role(self, interaction: Interaction, select: ui.RoleSelect[Self]) -> None:
            await interaction.response.send_message(select.values[0].name)

        @ui.select(cls=ui.ChannelSelect, custom_id="where")
        async def where(self, interaction: Interaction, select: ui.ChannelSelect[Self]) -> None:
            await interaction.response.send_message(select.values[0].name)

    @client.tree.command()
    async def menus(interaction: Interaction) -> None:  # pyright: ignore[reportUnusedFunction] - its decorator keeps it
        """Show menus."""
        await interaction.response.send_message("choose", view=Menus())

    crew = await server.owner.create_role("Crew")
    async with logged_in(sandbox, client):
        start = await kim.command("menus")
        assert start.selects == ["colour", "who", "role", "where"]
        assert start.choices == ["Red", "Blue"]
        both = await kim.choose(start, ["Blue", "r"], custom_id="colour")
        assert both.content == "b r"
        assert (await kim.choose(start, kim, custom_id="who")).content == "Kim"
        assert (await kim.choose(start, crew, custom_id="role")).content == "Crew"
        room = server.channel("welcome")
        assert (await kim.choose(start, room, custom_id="where")).content == "welcome"
        with pytest.raises(LookupError, match="no choice 'Green'"):
            await kim.choose(start, "Green", custom_id="colour")
        with pytest.raises(ValueError, match="takes 1 to 2, not 3"):
            await kim.choose(start, ["Red", "Blue", "Red"], custom_id="colour")
        with pytest.raises(LookupError, match="which menu"):
            await kim.choose(start, "Red")


# --- forms ----------------------------------------------------------------------------------------


class Charter(ui.Modal, title="Charter"):
    """A form with labels around its fields."""

    note = ui.TextDisplay[Any]("Say why the group exists.")
    purpose = ui.Label[Any](
        text="Purpose",
        component=ui.TextInput[Any](custom_id="purpose", default="walks", max_length=20),
    )
    kind = ui.Label[Any](
        text="Kind",
        description="What holds it together",
        component=ui.Select[Any](
            custom_id="kind",
            options=[
                discord.SelectOption(label="A place", value="place"),
                discord.SelectOption(label="A goal", value="goal"),
            ],
        ),
    )
    who = ui.Label[Any](text="Host", component=ui.UserSelect[Any](custom_id="who", required=False))

    async def on_submit(self, interaction: Interaction) -> None:
        """Say what was filled in."""
        purpose, kind, who = self.purpose.component, self.kind.component, self.who.component
        assert isinstance(purpose, ui.TextInput)
        assert isinstance(kind, ui.Select)
        assert isinstance(who, ui.UserSelect)
        hosts = ", ".join(person.display_name for person in who.values) or "nobody"
        said = f"{purpose.value} / {', '.join(kind.values)} / {hosts}"
        await interaction.response.send_message(said, ephemeral=True)


async def test_a_form_is_filled(sandbox: Sandbox, kim: Person, client: Client) -> None:
    """Fields are found by id or by label, keep what they came with, and hold their limits."""

    @client.tree.command()
    async def charter(interaction: Interaction) -> None:  # pyright: ignore[reportUnusedFunction] - its decorator keeps it
        """Write a charter."""
        await interaction.response.send_modal(Charter())

    async with logged_in(sandbox, client):
        form = await kim.command("charter")
        assert form.kind == "modal"
        assert form.text.startswith("Charter\nSay why the group exists.\nPurpose\nwalks\nKind")
        filled = await kim.fill(form, kind="place")
        assert filled.content == "walks / place / nobody"
        form = await kim.command("charter")
        filled = await kim.fill(form, Purpose="evening walks", kind="A goal", who=kim)
        assert filled.content == "evening walks / goal / Kim"
        with pytest.raises(ValueError, match="'Kind' is required"):
            await kim.fill(form)
        with pytest.raises(ValueError, match="takes 20 at most"):
            await kim.fill(form, purpose="x" * 21, kind="goal")
        with pytest.raises(LookupError, match="no field purpos"):
            await kim.fill(form, purpos="x", kind="goal")


class Files(ui.Modal, title="Files"):
    """A form that takes one or two files."""

    sent = ui.Label[Any](
        text="Files", component=ui.FileUpload[Any](custom_id="sent", min_values=1, max_values=2)
    )

    async def on_submit(self, interaction: Interaction) -> None:
        """Say what the files hold."""
        sent = self.sent.component
        assert isinstance(sent, ui.FileUpload)
        held = [
            f"{one.filename} ({one.size}): {(await one.read()).decode()}" for one in sent.values
        ]
        await interaction.response.send_message(" / ".join(held), ephemeral=True)


async def test_a_form_takes_files(sandbox: Sandbox, kim: Person, client: Client) -> None:
    """They come with the form, and what they hold can be fetched; as many as the field takes."""

    @client.tree.command()
    async def files(interaction: Interaction) -> None:  # pyright: ignore[reportUnusedFunction] - its decorator keeps it
        """Send files."""
        await interaction.response.send_modal(Files())

    async with logged_in(sandbox, client):
        form = await kim.command("files")
        both = await kim.fill(form, sent={"a.txt": b"Tea?", "b.txt": b"Milk?"})
        assert both.content == "a.txt (4): Tea? / b.txt (5): Milk?"
        form = await kim.command("files")
        with pytest.raises(ValueError, match="'Files' is required"):
            await kim.fill(form)
        for wrong in ({}, {f"{n}.txt": b"" for n in range(3)}):
            with pytest.raises(ValueError, match="takes 1 to 2 files"):
                await kim.fill(form, Files=wrong)


async def test_a_form_from_a_button_changes_its_message(
    sandbox: Sandbox, kim: Person, client: Client
) -> None:
    """A form that a button opened may change the message that the button stands in."""

    class Rename(ui.Modal, title="Rename"):
        name = ui.TextInput[Any](label="Name")

        async def on_submit(self, interaction: Interaction) -> None:
            assert interaction.message is not None
            await interaction.response.edit_message(content=f"now {self.name.value}", view=None)

    class Card(ui.View):
        @ui.button(label="Rename")
        async def rename(self, interaction: Interaction, button: ui.Button[Self]) -> None:
            del button
            await interaction.response.send_modal(Rename())

    @client.tree.command()
    async def card(interaction: Interaction) -> None:  # pyright: ignore[reportUnusedFunction] - its decorator keeps it
        """Show a card."""
        await interaction.response.send_message("unnamed", view=Card(), ephemeral=True)

    async with logged_in(sandbox, client):
        shown = await kim.command("card")
        form = await kim.press(shown, "Rename")
        await kim.fill(form, Name="Riverside")
        assert shown.content == "now Riverside"
        assert shown.buttons == []


async def test_layouts_are_read_and_pressed(sandbox: Sandbox, kim: Person, client: Client) -> None:
    """Components v2: the text of a layout is what a person reads, its buttons can be pressed."""

    class Panel(ui.LayoutView):
        def __init__(self) -> None:
            super().__init__()
            button = ui.Button[Any](label="Open", custom_id="open")
            button.callback = self.opened
            section = ui.Section[Any]("Riverside, 12 seats", accessory=button)
            self.add_item(ui.Container(ui.TextDisplay("# Groups"), section))

        async def opened(self, interaction: Interaction) -> None:
            await interaction.response.send_message("opened", ephemeral=True)

    @client.tree.command()
    async def panel(interaction: Interaction) -> None:  # pyright: ignore[reportUnusedFunction] - its decorator keeps it
        """Show a panel."""
        await interaction.response.send_message(view=Panel(), ephemeral=True)

    async with logged_in(sandbox, client):
        shown = await kim.command("panel")
        assert shown.text == "# Groups\nRiverside, 12 seats\nOpen"
        assert (await kim.press(shown, "Open")).content == "opened"


# --- limits ---------------------------------------------------------------------------------------


async def test_an_answer_that_comes_too_late_is_refused(
    sandbox: Sandbox, kim: Person, client: Client
) -> None:
    """After the limit the person reads that nothing came, and the bot is told 10062."""
    sandbox.interactions.answer_within = 0.05
    late = asyncio.Event()
    refused: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    @client.tree.command()
    async def slow(interaction: Interaction) -> None:  # pyright: ignore[reportUnusedFunction] - its decorator keeps it
        """Take too long."""
        await late.wait()
        try:
            await interaction.response.send_message("too late")
        except discord.NotFound as refusal:
            refused.set_result(refusal.code)

    async with logged_in(sandbox, client):
        answer = await kim.command("slow")
        assert answer.failed
        assert (answer.kind, answer.text) == ("none", "")
        late.set()
        assert await asyncio.wait_for(refused, PATIENCE) == 10062


async def test_a_token_expires(sandbox: Sandbox, kim: Person, client: Client) -> None:
    """Follow-ups after the token's life are refused with 50027."""
    kept: list[Interaction] = []

    @client.tree.command()
    async def hello(interaction: Interaction) -> None:  # pyright: ignore[reportUnusedFunction] - its decorator keeps it
        """Say hello."""
        kept.append(interaction)
        await interaction.response.send_message("hello", ephemeral=True)

    async with logged_in(sandbox, client):
        await kim.command("hello")
        await kept[0].followup.send("in time")
        sandbox.interactions.token_lifetime = 0.0
        with pytest.raises(discord.HTTPException) as refusal:
            await kept[0].followup.send("too late")
        assert refusal.value.code == 50027


async def test_a_person_gives_up_on_thinking(sandbox: Sandbox, kim: Person, client: Client) -> None:
    """A deferral that nothing follows is an error in a test, not a silent wait."""

    @client.tree.command()
    async def lost(interaction: Interaction) -> None:  # pyright: ignore[reportUnusedFunction] - its decorator keeps it
        """Forget to answer."""
        await interaction.response.defer(thinking=True)

    kim.patience = 0.05
    async with logged_in(sandbox, client):
        with pytest.raises(TimeoutError, match="still thinking"):
            await kim.command("lost")


async def test_without_a_bot_nobody_answers(sandbox: Sandbox, server: Server, kim: Person) -> None:
    """With no session the application does not respond, at once."""
    async with Wires(sandbox) as wires:
        await wires.rest(
            "PUT",
            f"/applications/{sandbox.application_id}/guilds/{server.id}/commands",
            [{"name": "hello", "description": "Say hello"}],
        )
    assert (await kim.command("hello")).failed


@pytest.mark.parametrize(
    ("token", "body", "status", "code"),
    [
        (str, {"type": 4, "data": {"content": "x"}}, 404, 10062),
        (None, {"type": 6}, 400, 50035),
        (None, {"type": 8, "data": {"choices": []}}, 400, 50035),
        (None, {"type": 4, "data": {"content": ""}}, 400, 50006),
        (None, {"type": 4, "data": {"content": "x" * 2001}}, 400, 50035),
        (None, {"type": 9, "data": {"title": "T", "custom_id": "c"}}, 400, 50035),
        (None, {"type": 9, "data": {"title": "T" * 46, "custom_id": "c"}}, 400, 50035),
        (None, {"type": 4, "data": []}, 400, 50035),
        (None, {"type": 42}, 400, 50035),
        (None, [], 400, 50035),
    ],
)
async def test_unfit_answers_are_refused(
    sandbox: Sandbox,
    server: Server,
    kim: Person,
    *,
    token: Callable[[str], str] | None,
    body: object,
    status: int,
    code: int,
) -> None:
    """A wrong token, a kind of answer that does not fit, and bad messages have their codes."""
    async with Wires(sandbox) as wires:
        wire = await wires.identified()
        commands = f"/applications/{sandbox.application_id}/guilds/{server.id}/commands"
        await wires.rest("PUT", commands, [{"name": "hello", "description": "Say hello"}])
        asking = asyncio.create_task(kim.command("hello"))
        asked = await wire.until("INTERACTION_CREATE")
        key = "wrong" if token else asked["token"]
        path = f"/interactions/{asked['id']}/{key}/callback"
        answered = await wires.rest("POST", path, body)
        assert (answered[0], answered[1]["code"]) == (status, code)
        right = f"/interactions/{asked['id']}/{asked['token']}/callback"
        fine = {"type": 4, "data": {"content": "hello", "flags": 64}}
        before = f"/webhooks/{sandbox.application_id}/{asked['token']}/messages/@original"
        assert (await wires.rest("GET", before))[1]["code"] == 10015
        assert (await wires.rest("POST", right, fine))[0] == 204
        again = await wires.rest("POST", right, fine)
        assert (again[0], again[1]["code"]) == (400, 40060)
        assert (await wires.rest("GET", before))[1]["content"] == "hello"
        assert (await asking).content == "hello"
