"""Reading what a message should say; interaction answers are read by the same functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox import acts
from sandbox.acts.drafts import (
    MAX_CONTENT,
    SUPPRESS_EMBEDS,
    SUPPRESS_NOTIFICATIONS,
    AllowedMentions,
)
from sandbox.components import V2_FLAG
from sandbox.routes.files import read_attachments

if TYPE_CHECKING:
    from sandbox.forms import Form
    from sandbox.routing import Call

_SETTABLE = SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | V2_FLAG
"""The flags that a message may be sent with."""


def read_draft(call: Call, form: Form, *, flags: int = _SETTABLE) -> acts.Draft:
    """Read a new message; `flags` are those that may be set."""
    draft = acts.Draft(
        content=form.text("content", most=MAX_CONTENT) or "",
        embeds=form.items("embeds", most=10) or [],
        components=form.items("components", most=40) or [],
        attachments=read_attachments(call, form) or [],
        flags=(form.integer("flags") or 0) & flags,
        tts=form.flag("tts") or False,
        enforce_nonce=form.flag("enforce_nonce") or False,
        allowed_mentions=read_mentions(form),
    )
    draft.nonce = _nonce(form)
    reference = form.inner("message_reference")
    if reference is not None:
        draft.reference_id = reference.snowflake("message_id", required=True)
        draft.reference_required = reference.flag("fail_if_not_exists") is not False
    form.check()
    return draft


def _nonce(form: Form) -> str | int | None:
    """Read a nonce as it was sent, since the answer repeats it."""
    sent: object = form.raw("nonce")
    return sent if isinstance(sent, int) else form.text("nonce", most=25)


def read_edit(call: Call, form: Form) -> acts.MessageEdit:
    """Read what changes in a message; a null empties its part."""
    edit = acts.MessageEdit()
    if "content" in form:
        edit.content = form.text("content", most=MAX_CONTENT) or ""
    if "embeds" in form:
        edit.embeds = form.items("embeds", most=10) or []
    if "components" in form:
        edit.components = form.items("components", most=40) or []
    if "attachments" in form or call.uploads:
        edit.attachments = read_attachments(call, form)
    if "flags" in form:
        edit.flags = form.integer("flags")
    if "allowed_mentions" in form:
        edit.allowed_mentions = read_mentions(form)
    form.check()
    return edit


def read_mentions(form: Form) -> AllowedMentions:
    """Read whom a message may ping; without the field, whoever its text names."""
    inner = form.inner("allowed_mentions")
    if inner is None:
        return AllowedMentions()
    parse = set(inner.items("parse", most=3) or ())
    users, roles = inner.snowflakes("users", most=100), inner.snowflakes("roles", most=100)
    for kind, named in (("users", users), ("roles", roles)):
        if kind in parse and named:
            inner.fault(
                "parse",
                "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
                f"parse:[{kind!r}] and {kind}: [ids...] are mutually exclusive.",
            )
    return AllowedMentions(
        everyone="everyone" in parse,
        roles=True if "roles" in parse else frozenset(roles or ()),
        users=True if "users" in parse else frozenset(users or ()),
        replied_user=inner.flag("replied_user") or False,
    )
