# ruff: noqa: PLC0415 - see below: a command loads what it needs when it is asked for.
"""The command line: run the bot, check an installation, answer a request about someone's data.

Each command loads its part of Hearth itself. The health check runs every minute for as long as the
bot does; with all of Hearth loaded, it alone would take a small machine seconds each time.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bot import beat as beats
from bot import logs
from bot.clock import SystemClock
from bot.errors import CannotStart, TablesDown
from bot.settings import Settings, WrongSetting, load

if TYPE_CHECKING:
    from bot.backups import Backup
    from bot.database import Database

WRONG_SETTING = 2  # the exit's status


def parser() -> argparse.ArgumentParser:
    """Return the command line's grammar."""
    top = argparse.ArgumentParser(
        prog="python -m bot",
        description="Hearth turns one large Discord server into many small communities.",
        epilog="The token comes from HEARTH_TOKEN, or from a file that HEARTH_TOKEN_FILE names.",
    )
    top.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="the settings (default: what HEARTH_CONFIG names, else config.toml if it is there)",
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("run", help="connect to Discord and stay")
    check = commands.add_parser("check", help="look whether Hearth can start here")
    check.add_argument(
        "--beat",
        action="store_true",
        help=f"fail unless the running bot's loop has beaten within {beats.STALE_SECONDS} seconds",
    )
    keep = commands.add_parser("backup", help="copy the tables to a file; the bot may run")
    keep.add_argument("file", type=Path, metavar="FILE", help="where the copy goes")
    keep.add_argument("--force", action="store_true", help="replace FILE if it is there")
    back = commands.add_parser("restore", help="put a backup in the tables' place; stop the bot")
    back.add_argument("file", type=Path, metavar="FILE", help="what `backup` wrote")
    into = commands.add_parser("import", help="take groups and homes in from files, all or none")
    into.add_argument("files", type=Path, nargs="+", metavar="FILE", help="groups.csv, members.csv")
    into.add_argument("--check", action="store_true", help="only look whether every line is right")
    out = commands.add_parser("export", help="write groups or homes to a file that import takes")
    out.add_argument("what", choices=("groups", "members"))
    out.add_argument("file", type=Path, metavar="FILE", help="where they go")
    out.add_argument("--force", action="store_true", help="replace FILE if it is there")
    for one in (into, out):
        one.add_argument("--server", type=int, metavar="ID", help="which server, if several")
    tell = commands.add_parser("report", help="write how a server is doing, as a page and a table")
    tell.add_argument("--out", type=Path, metavar="DIR", required=True, help="where they go")
    tell.add_argument("--month", metavar="YYYY-MM", help="a month (default: the last whole week)")
    tell.add_argument("--title", default="", metavar="NAME", help="what the community is called")
    tell.add_argument("--server", type=int, metavar="ID", help="which server, if several")
    about = commands.add_parser("privacy", help="answer someone's request about their data")
    acts = about.add_subparsers(dest="act", required=True, metavar="export|forget|page")
    for act, what in (
        ("export", "print everything kept about a person, as JSON"),
        ("forget", "erase everything kept about a person, as /privacy forget does"),
    ):
        one = acts.add_parser(act, help=what)
        one.add_argument("id", type=int, metavar="ID", help="the person's Discord user id")
    acts.add_parser("page", help="print docs/privacy.md: every table, and how long its rows stay")
    return top


async def run(settings: Settings) -> int:
    """Run until told to stop; the exit's status."""
    import discord

    from bot.app import App
    from bot.collecting import leave_alone_what_stays
    from bot.stopping import Stopping

    if not settings.token.get_secret_value():
        raise WrongSetting("token: set HEARTH_TOKEN, or HEARTH_TOKEN_FILE to a file that holds it.")
    stopping = Stopping()
    stopping.listen()
    async with App.open(settings, stopping) as app:
        leave_alone_what_stays(lambda full: app.client.add_listener(full, "on_ready"))
        try:
            await app.run()
        except* discord.LoginFailure:
            raise WrongSetting("token: Discord does not accept it.") from None
        except* discord.PrivilegedIntentsRequired:
            raise WrongSetting(
                "reduced: Discord does not let this application see members. Switch the Server"
                " Members Intent on in the developer portal, or set reduced = true."
            ) from None
    return stopping.status


@asynccontextmanager
async def beside_the_bot(settings: Settings) -> AsyncGenerator["Database"]:
    """Open the tables for a command; they are brought up to date only if no bot is using them."""
    from bot.database import Database
    from bot.storage.lease import only_one
    from bot.storage.migrating import is_newest

    async with AsyncExitStack() as stack:
        newest = await is_newest(settings.database)
        if not newest:
            await stack.enter_async_context(only_one(settings.database))
        yield await stack.enter_async_context(Database.open(settings.database, upgrade=not newest))


async def check(settings: Settings, *, beat: bool) -> int:
    """Say whether Hearth could start, or (with `beat`) whether it is alive; 1 when not."""
    if beat:
        state = beats.state(settings.beat_file, time.time())
        print("\n".join(state.lines))  # noqa: T201 - the answer
        return int(not state.well)
    async with beside_the_bot(settings) as database:
        await database.prove()
        print("The settings are right and the tables are up to date.")  # noqa: T201 - the answer
    if not settings.token.get_secret_value():
        print("There is no token yet: set HEARTH_TOKEN before `run`.")  # noqa: T201 - the answer
    return 0


async def answer_request(settings: Settings, act: str, user_id: int) -> int:
    """Export or erase what is kept about a person, in every server."""
    from bot.rules import privacy_file
    from bot.services import privacy
    from bot.texts import catalogue

    async with beside_the_bot(settings) as database:
        if act == "export":
            async with database.reading() as session:
                found = await privacy.export(session, user_id, settings=settings)
            copy = privacy_file.laid_out(user_id, found, catalogue())
            print(json.dumps(copy, indent=2, ensure_ascii=False))  # noqa: T201 - the answer
        else:
            async with database.writing() as session:
                await privacy.forget(session, user_id, None, SystemClock().now())
            print("Erased. Roles are taken back when the bot runs next.")  # noqa: T201 - the answer
    return 0


async def keep(settings: Settings, file: Path, *, force: bool) -> int:
    """Write a backup, and say what it holds."""
    from bot import backups

    made = await asyncio.to_thread(backups.backup, settings.database, file, force=force)
    print(f"Backed up: {_described(made)}. It names people; keep it as safe as the tables.")  # noqa: T201 - the answer
    return 0


async def bring_back(settings: Settings, file: Path) -> int:
    """Put a backup in the tables' place, and say what it holds and where they are now."""
    from bot import backups

    made, kept = await backups.restore(settings.database, file, SystemClock().now())
    print(f"Restored: {_described(made)}.")  # noqa: T201 - the answer
    if kept is not None:
        print(f"What was there before is kept as {kept}.")  # noqa: T201 - the answer
    return 0


async def move(settings: Settings, asked: argparse.Namespace) -> int:
    """Take groups and homes in from files, or write them to one."""
    from bot import bulk

    async with beside_the_bot(settings) as database:
        if asked.command == "export":
            return await bulk.hand_out(
                database, asked.what, asked.file, server_id=asked.server, force=asked.force
            )
        return await bulk.bring_in(
            database,
            asked.files,
            server_id=asked.server,
            only_look=asked.check,
            now=SystemClock().now(),
        )


async def tell(settings: Settings, asked: argparse.Namespace) -> int:
    """Write how a server is doing, and say where."""
    from bot import reporting

    async with beside_the_bot(settings) as database:
        made = await reporting.report(
            database,
            asked.out,
            now=SystemClock().now(),
            server_id=asked.server,
            month=asked.month,
            title=asked.title,
        )
    print(f"Written: {made.page}, with every figure in {made.sheet}.")  # noqa: T201 - the answer
    return 0


def _page(settings: Settings) -> int:
    from bot import privacy_page

    print(privacy_page.page(settings), end="")  # noqa: T201 - the answer
    return 0


def _described(made: "Backup") -> str:
    servers = f"{made.servers} server{'' if made.servers == 1 else 's'}"
    return f"{made.file}, {made.size / 1e6:.1f} MB, {servers}, tables of version {made.version}"


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return its exit status."""
    asked = parser().parse_args(arguments)
    try:
        settings = load(asked.config)
        logs.begin(settings)
        match asked.command:
            case "run":
                work = run(settings)
            case "check":
                work = check(settings, beat=asked.beat)
            case "backup":
                work = keep(settings, asked.file, force=asked.force)
            case "import" | "export":
                work = move(settings, asked)
            case "report":
                work = tell(settings, asked)
            case "restore":
                work = bring_back(settings, asked.file)
            case "privacy" if asked.act == "page":
                return _page(settings)
            case _:
                work = answer_request(settings, asked.act, asked.id)
        return asyncio.run(work)
    except WrongSetting as error:
        return _complain(f"Hearth cannot start. {error}", WRONG_SETTING)
    except TablesDown as error:
        return _complain(f"Hearth cannot start. The tables cannot be used: {error}.", error.status)
    except CannotStart as error:
        starts = asked.command == "run"
        return _complain(f"Hearth cannot start. {error}" if starts else str(error), error.status)


def _complain(line: str, status: int) -> int:
    print(line, file=sys.stderr)  # noqa: T201 - the operator reads it
    return status


if __name__ == "__main__":
    sys.exit(main())
