"""Threads and who is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox import acts
from sandbox.errors import error, invalid_form
from sandbox.ratelimits import THREAD_CREATE, THREAD_MEMBERS
from sandbox.routing import Call, RouteTable
from sandbox.state import ChannelType, Thread
from sandbox.thread_payloads import thread_list, thread_member_payload, thread_payload

if TYPE_CHECKING:
    from sandbox.forms import Form
    from sandbox.state import Member, Server, User

table = RouteTable()


def _settings(form: Form) -> acts.ThreadSettings:
    settings = acts.ThreadSettings()
    if "name" in form:
        settings["name"] = acts.check_name(form.text("name", most=100))
    minutes = form.integer("auto_archive_duration")
    if minutes is not None:
        if minutes not in acts.DURATIONS:
            message = f"Value must be one of {list(acts.DURATIONS)}."
            raise invalid_form("auto_archive_duration", "BASE_TYPE_CHOICES", message)
        settings["auto_archive"] = minutes
    slowmode = form.integer("rate_limit_per_user", most=21_600)
    if slowmode is not None:
        settings["slowmode"] = slowmode
    invitable = form.flag("invitable")
    if invitable is not None:
        settings["invitable"] = invitable
    for key in ("archived", "locked"):
        flag = form.flag(key)
        if flag is not None:
            settings[key] = flag
    form.check()
    return settings


@table.route(
    "POST",
    "/channels/{channel_id}/messages/{message_id}/threads",
    bucket=THREAD_CREATE,
    status=201,
)
def start_on_message(call: Call) -> object:
    """Open a thread on a message."""
    channel = call.channel()
    message = call.message(channel)
    settings = _named(call)
    made = acts.start_thread(
        call.world, call.state.bot, channel, settings, on=message, reason=call.reason
    )
    return thread_payload(made, viewer_id=call.state.bot.id)


@table.route("POST", "/channels/{channel_id}/threads", bucket=THREAD_CREATE, status=201)
def start(call: Call) -> object:
    """Open a thread that stands on no message: a private one unless asked for a public one."""
    channel = call.channel()
    form = call.form()
    kind = form.integer("type")
    settings = _named(call)
    private = kind in {None, int(ChannelType.PRIVATE_THREAD)}
    if not private and kind != ChannelType.PUBLIC_THREAD:
        raise invalid_form("type", "BASE_TYPE_CHOICES", "Value must be one of (11, 12).")
    made = acts.start_thread(
        call.world, call.state.bot, channel, settings, private=private, reason=call.reason
    )
    return thread_payload(made, viewer_id=call.state.bot.id)


def _named(call: Call) -> acts.ThreadSettings:
    form = call.form()
    form.text("name", least=1, most=100, required=True)
    form.check()
    return _settings(call.form())


def change_thread(call: Call, server: Server, thread: Thread, bot: Member) -> None:
    """Change a thread; for the route that changes channels."""
    settings = _settings(call.form())
    acts.edit_thread(call.world, server, bot, thread, settings, reason=call.reason)


@table.route("GET", "/guilds/{guild_id}/threads/active")
def active(call: Call) -> object:
    """Return the active threads of a server that the bot may see."""
    server = call.server()
    found = [
        thread
        for thread in server.threads.values()
        if not thread.archived and call.world.bot_sees(thread)
    ]
    return thread_list(sorted(found, key=lambda one: -one.id), call.state.bot.id) | {
        "has_more": False
    }


def _thread(call: Call) -> Thread:
    channel = call.channel()
    if not isinstance(channel, Thread):
        raise error(50024)
    return channel


def _who(call: Call) -> User:
    return call.state.bot if call.params["user_id"] == "@me" else call.user()


_MEMBER = "/channels/{channel_id}/thread-members/{user_id}"


@table.route("GET", "/channels/{channel_id}/thread-members")
def members(call: Call) -> object:
    """Return who is in a thread; not without the members intent."""
    thread = _thread(call)
    if not call.state.application.members_intent:
        raise error(50001)
    return [thread_member_payload(thread, user_id) for user_id in thread.members]


@table.route("GET", _MEMBER)
def one_member(call: Call) -> object:
    """Return one who is in a thread."""
    thread, user = _thread(call), _who(call)
    if user.id not in thread.members:
        raise error(10007)
    return thread_member_payload(thread, user.id)


@table.route("PUT", _MEMBER, bucket=THREAD_MEMBERS)
def add(call: Call) -> None:
    """Let somebody into a thread."""
    acts.add_to_thread(call.world, call.state.bot, _thread(call), _who(call))


@table.route("DELETE", _MEMBER, bucket=THREAD_MEMBERS)
def remove(call: Call) -> None:
    """Take somebody out of a thread."""
    acts.leave_thread(call.world, call.state.bot, _thread(call), _who(call))
