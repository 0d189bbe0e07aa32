"""Looks on while a demo is played, and says at the end what nobody should have seen.

Pictures without words for those who cannot see them, and a log that gives somebody away.
"""

from collections.abc import Iterable
from pathlib import Path

from demo.drive import WORDS
from demo.gallery import Gallery, is_sentence, pictures_of
from demo.logbook import Logbook, Secrets, Typed
from sandbox.app import Sandbox


class Onlooker:
    """Stands beside one sandbox from its first day on."""

    def __init__(self, sandbox: Sandbox, logbook: Logbook) -> None:
        self._sandbox = sandbox
        self._logbook = logbook
        self._typed = Typed()
        self.gallery = Gallery()
        sandbox.rest.observer = self.gallery.look_on
        sandbox.interactions.observer = self._typed.look_on

    @property
    def lines(self) -> int:
        """How many lines the bot's log has."""
        return len(self._logbook.lines)

    def given_away(self) -> list[str]:
        """Name the log's lines that hold the token, or anybody's id, name or words."""
        people = [user for user in self._sandbox.state.users.values() if not user.bot]
        nicks = {
            member.nick
            for server in self._sandbox.state.servers.values()
            for member in server.members.values()
            if member.nick
        }
        secrets = Secrets(
            token=self._sandbox.token,
            ids={user.id for user in people},
            names=nicks.union(*({user.name, user.global_name or user.name} for user in people)),
            texts=self._typed.texts.union(WORDS),
        )
        book = self._logbook
        return list(secrets.found_in(dict.fromkeys((*book.lines, *book.own))))

    def wordless(self, pages: Iterable[Path]) -> list[str]:
        """Name the pictures without a sentence: those that the bot sent, and those of `pages`."""
        on_pages = pictures_of(pages)
        return [
            *self.gallery.wordless,
            *(
                f"{where} says only {words!r}"
                for where, words in on_pages
                if not is_sentence(words)
            ),
        ]
