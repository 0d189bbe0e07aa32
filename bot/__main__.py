"""The command line: run the bot, check an installation, answer a request about someone's data."""

import argparse
import asyncio
import json
import logging
import sys
import time
from pathlib import Path

import discord

from bot.app import App
from bot.clock import SystemClock
from bot.database import Database
from bot.services import privacy
from bot.settings import Settings, WrongSetting, load

STALE_SECONDS = 120  # the beat is touched every half minute


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
        help=f"fail unless the running bot's loop has beaten within {STALE_SECONDS} seconds",
    )
    about = commands.add_parser("privacy", help="answer someone's request about their data")
    acts = about.add_subparsers(dest="act", required=True, metavar="export|forget")
    for act, what in (
        ("export", "print everything kept about a person, as JSON"),
        ("forget", "erase everything kept about a person, as /privacy forget does"),
    ):
        one = acts.add_parser(act, help=what)
        one.add_argument("id", type=int, metavar="ID", help="the person's Discord user id")
    return top


async def run(settings: Settings) -> int:
    """Run until told to stop; 1 when Discord refuses the token or an intent."""
    if not settings.token.get_secret_value():
        raise WrongSetting("token: set HEARTH_TOKEN, or HEARTH_TOKEN_FILE to a file that holds it.")
    async with App.open(settings) as app:
        app.close_on_signals()
        try:
            await app.run()
        except* discord.LoginFailure:
            raise WrongSetting("token: Discord does not accept it.") from None
        except* discord.PrivilegedIntentsRequired:
            raise WrongSetting(
                "reduced: Discord does not let this application see members. Switch the Server"
                " Members Intent on in the developer portal, or set reduced = true."
            ) from None
    return 0


async def check(settings: Settings, *, beat: bool) -> int:
    """Say whether Hearth could start, or (with `beat`) whether it is alive; 1 when not."""
    if beat:
        try:
            age = time.time() - settings.beat_file.stat().st_mtime
        except OSError:
            print(f"No beat: {settings.beat_file} is not there.")  # noqa: T201 - the answer
            return 1
        print(f"The last beat was {age:.0f} seconds ago.")  # noqa: T201 - the answer
        return int(age > STALE_SECONDS)
    async with Database.open(settings.database):
        print("The settings are right and the tables are up to date.")  # noqa: T201 - the answer
    if not settings.token.get_secret_value():
        print("There is no token yet: set HEARTH_TOKEN before `run`.")  # noqa: T201 - the answer
    return 0


async def answer_request(settings: Settings, act: str, user_id: int) -> int:
    """Export or erase what is kept about a person, in every server."""
    async with Database.open(settings.database) as database:
        if act == "export":
            async with database.reading() as session:
                found = await privacy.export(session, user_id)
            print(json.dumps(found, indent=2, ensure_ascii=False))  # noqa: T201 - the answer
        else:
            async with database.writing() as session:
                await privacy.forget(session, user_id, None, SystemClock().now())
            print("Erased. Roles are taken back when the bot runs next.")  # noqa: T201 - the answer
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return its exit status."""
    asked = parser().parse_args(arguments)
    try:
        settings = load(asked.config)
        logging.basicConfig(
            level=settings.log_level,
            format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        )
        for chatty in ("apscheduler", "alembic"):
            logging.getLogger(chatty).setLevel(logging.WARNING)
        match asked.command:
            case "run":
                work = run(settings)
            case "check":
                work = check(settings, beat=asked.beat)
            case _:
                work = answer_request(settings, asked.act, asked.id)
        return asyncio.run(work)
    except WrongSetting as error:
        print(f"Hearth cannot start. {error}", file=sys.stderr)  # noqa: T201 - the operator reads it
        return 2


if __name__ == "__main__":
    sys.exit(main())
