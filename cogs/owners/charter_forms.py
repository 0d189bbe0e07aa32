"""A group's charter in two steps: its forms, and what is pressed between them and afterwards.

Owners make groups here; those who look after one change its charter by the same forms.
"""

from collections.abc import Mapping

from discord.ext import commands

from bot.client import Hearth
from bot.conversation import (
    Interaction,
    actor,
    answer,
    defer,
    defer_in_place,
    give_form,
    language,
    pressed,
    submitted,
)
from bot.errors import UserError
from bot.gateway import observe
from bot.gateway.payloads import Field, form
from bot.rules import capacity, charter, charter_cards
from bot.rules.charter_cards import NEW, STEPS, WORDS, Made
from bot.rules.message import Line, say
from bot.rules.naming import safe
from bot.rules.scope import GroupScope
from bot.services import chartering, checks, groups, rights, succession, types

ROOM_WAIT = 5.0  # seconds that the reply waits for the room to be made
LONGEST_FIELD = 4000  # Discord's limit for what a form's field can be filled with
# Not mended in a form, which has no field for it: the command names the group.
NO_GROUP = frozenset(("groups.not_found", "groups.did_you_mean", "groups.anchors_owners"))
MENDED = ("groups.", "types.")  # what the forms and menus can put right, beside a time zone
WORDS_FIELDS = ("name", "purpose", "for_whom", "unites", "norms")
PLACE_FIELDS = ("language", "zone", "city", "venue")
SIGN = "sign"  # emoji and colour in one field: a form holds five


class Charters(commands.Cog):
    """Opens the forms, reads them, and answers the buttons of the cards in between."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("group-form")
    async def go_on(self, interaction: Interaction, step: str = WORDS) -> None:
        """Open a form with what was typed last, where a charter was left half done."""
        await open_form(interaction, step, NEW)

    @pressed("charter-form")
    async def open(self, interaction: Interaction, step: str, group_id: str) -> None:
        """Open one of the two forms, of the group that is being made or of one that is."""
        await open_form(interaction, step, int(group_id))

    @submitted("charter-form")
    async def sent(
        self, interaction: Interaction, step: str, group_id: str, fields: dict[str, str]
    ) -> None:
        """Take in what was typed: the first step of a new group, or what is to be changed."""
        await defer_in_place(interaction)
        typed = read(fields)
        if int(group_id) != NEW:
            await apply(interaction, {"group": group_id, **typed})
            return
        async with self.bot.database.reading() as session:
            typed = {**await chartering.kept(session, actor(interaction)), **typed}
        if step == WORDS and chartering.WHOLE in typed and "group" not in typed:
            await first_step(interaction, typed)
        else:
            await apply(interaction, typed)

    @pressed("charter-make")
    async def make(self, interaction: Interaction) -> None:
        """Make the group without the second step."""
        await defer_in_place(interaction)
        async with self.bot.database.reading() as session:
            typed = await chartering.kept(session, actor(interaction))
        await apply(interaction, typed)

    @pressed("group-type")
    async def type_chosen(self, interaction: Interaction, values: list[str]) -> None:
        """Go on with the type that was chosen."""
        await defer_in_place(interaction)
        async with self.bot.database.reading() as session:
            typed = await chartering.kept(session, actor(interaction))
        typed = {**typed, "type": values[0]}
        if chartering.WHOLE in typed:
            await first_step(interaction, typed)
        else:
            await apply(interaction, typed)

    @pressed("care-take")
    async def take_care(self, interaction: Interaction, group_id: str) -> None:
        """Let an owner look after a group themselves, so that it need not wait for somebody."""
        await defer(interaction)
        who = actor(interaction)
        async with self.bot.database.writing() as session:
            taken = await succession.take_up(
                session, who, group_id=int(group_id), now=self.bot.clock.now()
            )
        key = "facilitators.took_up_open" if taken.opened else "facilitators.took_up"
        await answer(interaction, say(key, group=safe(taken.group)))


async def open_form(interaction: Interaction, step: str, group_id: int) -> None:
    """Open a form, filled with the draft (`NEW`) or with a group's charter as it stands."""
    if step not in STEPS:
        raise UserError("errors.expired")
    who = actor(interaction)
    async with interaction.client.database.reading() as session:
        typed = (
            await chartering.kept(session, who)
            if group_id == NEW
            else await chartering.standing(session, who, str(group_id))
        )
        server = await rights.server_row(session, who.server_id, allow_paused=True)
        anchors = await rights.is_owner(session, who)
        shown = server.shows_cities
    fields = (
        words(typed, anchors=anchors)
        if step == WORDS
        else place(typed, anchors=anchors, shown=shown)
    )
    await give_form(
        interaction,
        form(
            language(interaction),
            f"stages.form_{step}",
            charter_cards.open_form(step, group_id),
            fields,
        ),
    )


async def begin(interaction: Interaction, typed: Mapping[str, str]) -> None:
    """Open the first form for a new group, with what the command said already."""
    who, client = actor(interaction), interaction.client
    async with client.database.writing() as session:
        await chartering.begin(session, who, typed, now=client.clock.now())
    await open_form(interaction, WORDS, NEW)


async def first_step(interaction: Interaction, typed: Mapping[str, str]) -> None:
    """Look at the first half of a charter; what is refused is kept and can be mended."""
    client = interaction.client
    try:
        async with client.database.writing() as session:
            half = await chartering.first_step(
                session, actor(interaction), typed, now=client.clock.now()
            )
    except UserError as refused:
        await _mend(interaction, typed, refused)
        return
    await answer(interaction, charter_cards.half_way(half.name, half.type))


async def apply(interaction: Interaction, typed: Mapping[str, str]) -> None:
    """Make or change a group, and answer; what is refused is kept and can be mended."""
    who, client = actor(interaction), interaction.client
    now = client.clock.now()
    try:
        async with client.database.writing() as session:
            room: capacity.Room | None = None
            if interaction.guild is not None:
                roles = await checks.group_roles(session, who.server_id)
                room = capacity.groups_that_fit(observe.use(interaction.guild, roles))
            done = await chartering.apply(session, who, typed, now=now, room=room)
    except UserError as refused:
        await _mend(interaction, typed, refused)
        return
    ready = await client.reconciler.settled(GroupScope(who.server_id, done.group_id), ROOM_WAIT)
    async with client.database.reading() as session:
        group = await groups.of_server(session, who.server_id, done.group_id)
    made = Made(
        group_id=done.group_id,
        group=done.group,
        emoji=done.emoji,
        room_id=group.room_id if ready else None,
        made=done.made,
        stage=done.stage,
        lacks=done.lacks,
        waits=done.waits,
        still_fit=done.still_fit,
    )
    await answer(interaction, charter_cards.done(made))


async def _mend(interaction: Interaction, typed: Mapping[str, str], refused: UserError) -> None:
    """Keep what was typed and say how it is put right; raise what typing cannot mend."""
    mended = refused.key.startswith(MENDED) or refused.key in charter_cards.ZONES
    if not mended or refused.key in NO_GROUP:
        raise refused
    who, client = actor(interaction), interaction.client
    offered: list[tuple[str, str]] = []
    async with client.database.writing() as session:
        await chartering.keep(session, who, typed, now=client.clock.now())
        if refused.key.startswith("types."):
            offered = await types.suggest(session, who.server_id, "")
    line = Line(refused.key, refused.params)
    if offered and "type" not in typed:
        line = Line("stages.which_type")
    await answer(interaction, charter_cards.refused(line, types=offered))


def words(typed: Mapping[str, str], *, anchors: bool) -> list[Field]:
    """Return the first form's fields; the name is for owners (`anchors`)."""
    whole = chartering.WHOLE in typed
    fields = [
        _field("name", typed, "stages.form_name_hint"),
        _field("purpose", typed, "hearth.form_purpose_hint", long=True),
        _field("for_whom", typed, "stages.form_for_whom_hint", long=True, required=whole),
        _field("unites", typed, "stages.form_unites_hint", long=True, required=whole),
        _field("norms", typed, "stages.form_norms_hint", long=True, required=whole),
    ]
    return fields if anchors else fields[1:]


def place(typed: Mapping[str, str], *, anchors: bool, shown: bool) -> list[Field]:
    """Return the second form's fields; `shown`: cities stand in the directory."""
    city = "stages.form_city_hint_shown" if shown else "stages.form_city_hint_hidden"
    sign = " ".join(typed[part] for part in ("emoji", "colour") if typed.get(part))
    fields = [
        Field(
            SIGN,
            "hearth.form_sign",
            filled=sign[:LONGEST_FIELD],
            hint="hearth.form_sign_hint",
            required=False,
        ),
        _field("language", typed, "stages.form_language_hint", required=False),
        _field("zone", typed, "stages.form_zone_hint", required=False),
        _field("city", typed, city, required=False),
        _field("venue", typed, "stages.form_venue_hint", required=False),
    ]
    return fields if anchors else fields[1:]


LABELS = {
    "name": "hearth.form_name",
    "purpose": "hearth.form_purpose",
    "for_whom": "hearth.form_for_whom",
    "unites": "stages.form_unites",
    "norms": "hearth.form_norms",
    "language": "stages.form_language",
    "zone": "stages.form_zone",
    "city": "stages.form_city",
    "venue": "stages.form_venue",
}


def _field(
    name: str, typed: Mapping[str, str], hint: str, *, long: bool = False, required: bool = True
) -> Field:
    return Field(
        name,
        LABELS[name],
        filled=typed.get(name, "")[:LONGEST_FIELD],
        hint=hint,
        long=long,
        required=required,
    )


def read(fields: Mapping[str, str]) -> dict[str, str]:
    """Return what a form holds, by the names of a charter's fields."""
    typed = {name: fields[name] or "" for name in (*WORDS_FIELDS, *PLACE_FIELDS) if name in fields}
    return {**typed, **(charter.read_sign(fields[SIGN] or "") if SIGN in fields else {})}
