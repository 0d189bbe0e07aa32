"""`import` and `export` as an operator meets them on the command line."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot import bulk
from bot.database import Database
from bot.errors import CannotStart
from bot.rules.actor import Actor
from bot.services import servers
from tests.bot.commandline import command
from tests.conftest import Running

KIM = 111111111111111111
ONE, TWO = 4_000, 5_000
RUNNERS = "name,type,purpose\nRunners,Interest,We run around the lake.\n"


async def set_up(database: Database, now: datetime, *ids: int) -> None:
    """Set servers up as their owners would."""
    for server_id in ids:
        async with database.writing() as session:
            owner = Actor(server_id, 1, manages_server=True)
            await servers.set_up(session, owner, now=now, ids={"commons_id": 7})


def files(folder: Path, groups: str, members: str) -> tuple[Path, Path]:
    """Write both files."""
    paths = folder / "groups.csv", folder / "members.csv"
    for path, text in zip(paths, (groups, members), strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


async def test_a_wrong_line_leaves_everything_as_it_was(
    database: Database, tmp_path: Path, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each wrong line stands on a line of its own, in the order of the files."""
    await set_up(database, now, ONE)
    both = files(tmp_path, RUNNERS + "R,Hobby,\n", f"user_id,group\n{KIM},Runners\nKim,Runers\n")
    status = await bulk.bring_in(database, both, server_id=None, only_look=False, now=now)
    said = capsys.readouterr()
    assert (status, said.out) == (bulk.WRONG_LINES, "")
    lines = said.err.splitlines()
    assert [line.split(": ")[0].rpartition("/")[2] for line in lines[:-1]] == [
        "groups.csv:3",
        "groups.csv:3",
        "groups.csv:3",
        "members.csv:3",
    ]
    assert "no type “Hobby”" in said.err
    assert "**" not in said.err
    assert lines[-1] == "2 wrong lines. Nothing was changed."
    # Nor is anything done where only one of the files has a shape.
    both[1].write_text("Kim,Runners\n")
    status = await bulk.bring_in(
        database, (both[0], both[1]), server_id=None, only_look=False, now=now
    )
    assert status == bulk.WRONG_LINES
    assert "first line must name the columns" in capsys.readouterr().err


async def test_right_files_go_in_and_come_out_again(
    database: Database, tmp_path: Path, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    """Looked at first, then taken in; what comes out changes nothing when it goes in again."""
    await set_up(database, now, ONE)
    both = files(tmp_path, RUNNERS, f"user_id,group\n{KIM},Runners\n")
    assert await bulk.bring_in(database, both, server_id=None, only_look=True, now=now) == 0
    said = capsys.readouterr().out
    assert "1 new group, 0 changed groups, 1 new home; 0 unchanged." in said
    assert "Nothing was changed" in said
    assert await bulk.bring_in(database, both, server_id=ONE, only_look=False, now=now) == 0
    assert "follow within a minute" in capsys.readouterr().out
    out = tmp_path / "out.csv"
    await bulk.hand_out(database, "members", out, server_id=None, force=False)
    assert "1 line written" in (said := capsys.readouterr().out)
    assert "It names people" in said
    assert out.read_text().splitlines()[1].startswith(f"{KIM},Runners,2026-03-02T12")
    with pytest.raises(CannotStart, match="--force replaces it"):
        await bulk.hand_out(database, "groups", out, server_id=None, force=False)
    await bulk.hand_out(database, "groups", out, server_id=None, force=True)
    await bulk.bring_in(database, (out,), server_id=None, only_look=False, now=now)
    assert "0 new groups, 0 changed groups, 0 new homes; 1 unchanged." in capsys.readouterr().out


async def test_which_server_and_which_file(
    database: Database, tmp_path: Path, now: datetime
) -> None:
    """One line each for what the operator left open or mistyped."""
    (file, _members) = files(tmp_path, RUNNERS, "")

    async def refused(path: Path, server_id: int | None) -> str:
        with pytest.raises(CannotStart) as error:
            await bulk.bring_in(database, (path,), server_id=server_id, only_look=False, now=now)
        return str(error.value)

    assert "begin with /hearth setup" in await refused(file, None)
    await set_up(database, now, ONE, TWO)
    assert await refused(file, None) == f"Say which server with --server: {ONE}, {TWO}."
    assert "Server 6 is not set up" in await refused(file, 6)
    assert "cannot be read" in await refused(tmp_path / "no.csv", ONE)
    with pytest.raises(CannotStart, match="cannot be written"):
        await bulk.hand_out(database, "groups", tmp_path, server_id=ONE, force=True)
    assert await bulk.bring_in(database, (file,), server_id=TWO, only_look=False, now=now) == 0


async def test_the_command_line_reaches_it(
    database: Database, tmp_path: Path, now: datetime
) -> None:
    """Beside a bot that has the tables open, with the exit's status."""
    await set_up(database, now, ONE)
    (file, _members) = files(tmp_path, RUNNERS, "")
    done = await command("import", str(file), folder=tmp_path)
    assert (done.status, done.complained) == (0, "")
    written = await command("export", "groups", str(tmp_path / "out.csv"), folder=tmp_path)
    assert (written.status, written.complained) == (0, "")
    assert "Runners,Interest" in (tmp_path / "out.csv").read_text()


async def test_a_running_bot_follows_within_a_minute(
    hearth: Running, tmp_path: Path, now: datetime
) -> None:
    """Nothing tells it but the tables; rooms are made, and people get their keys."""
    await hearth.owner.command("hearth setup", commons=hearth.server.channel("general"))
    kim, lou = await hearth.person("Kim"), await hearth.person("Lou")
    both = files(
        tmp_path, RUNNERS, f"user_id,group\n{kim.id},Runners\n{lou.id},Runners\n{KIM},Runners\n"
    )
    url = f"sqlite+aiosqlite:///{tmp_path}/hearth.db"
    async with Database.open(url, upgrade=False) as beside:
        await bulk.bring_in(beside, both, server_id=None, only_look=False, now=now)
    await hearth.advance(timedelta(minutes=2))
    room = hearth.server.channel("🔥-runners")
    assert kim.sees(room)
    assert lou.sees(room)
    said = [message.content for message in room.history]
    assert any("brought here by its owners" in text for text in said)
    # Whoever is not in the server keeps the seat for a while, as who left does.
    log = await hearth.owner.command("hearth log")
    assert "homes were imported from a file" in log.text
