"""Every table says why it is there, and nothing about a person escapes /privacy."""

import subprocess
import sys

import pytest
from sqlalchemy import BigInteger, Table

from bot.services import personal
from bot.texts import catalogue
from models import Base

TABLES = list(Base.metadata.sorted_tables)
# Columns with a Discord id of something that is not a person.
NOT_PEOPLE = {
    "channel_id",
    "charter_message_id",
    "commons_id",
    "event_id",
    "facilitators_room_id",
    "message_id",
    "moderators_room_id",
    "owner_role_id",
    "owners_room_id",
    "post_channel_id",
    "post_message_id",
    "panel_message_id",
    "role_id",
    "room_id",
    "server_id",
    "target_id",
    "there_message_id",
    "there_room_id",
    "thread_id",
    "voice_id",
}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_table_states_its_purpose_and_its_erase_rule(table: Table) -> None:
    """In whole sentences: the privacy page and the export show them."""
    for what in ("purpose", "erase"):
        sentence = table.info[what]
        assert len(sentence) > 15, (table.name, what)
        assert sentence.endswith("."), (table.name, what)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_id_is_a_persons_or_known_to_be_something_else(table: Table) -> None:
    """A new column with a Discord id must be covered by /privacy, or be named here."""
    own = {column.name for column in table.primary_key if column.name == "id"}
    for column in table.columns:
        if isinstance(column.type, BigInteger) and not column.foreign_keys:
            known = personal.PEOPLE | personal.UNTOLD | NOT_PEOPLE | own
            assert column.name in known, (table.name, column.name)


def test_every_table_about_people_belongs_to_a_server_and_has_words() -> None:
    """Else /privacy inside a server could not leave others out, or could not say what it is."""
    texts = catalogue("en").entries
    for table in personal.tables():
        assert personal.in_servers(table, [1]) is not None
        assert f"privacy.kept_{table.name}" in texts


def test_a_table_without_a_server_cannot_be_asked_by_server() -> None:
    """Rather an error than rows of another server."""
    with pytest.raises(ValueError, match="app_state"):
        personal.in_servers(Base.metadata.tables["app_state"], [1])


def test_a_columns_type_makes_no_tables() -> None:
    """A command that looks whether a migration is due has no use for them; who asks gets all."""
    tell = "print(len(models.base.Base.metadata.tables))"
    asked = f"import models.base; {tell}; from models import Group; {tell}"
    said = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", asked], check=True, capture_output=True, text=True
    )
    assert said.stdout.split() == ["0", str(len(TABLES))]
