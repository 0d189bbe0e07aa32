"""Reading what a message should say; interaction answers are read by the same functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox import acts
from sandbox.acts.drafts import (
    MAX_CONTENT,
    SUPPRESS_EMBEDS,
    SUPPRESS_NOTIFICATIONS,
    AllowedMentions,
)
from sandbox.components import V2_FLAG

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


def read_attachments(call: Call, form: Form) -> list[dict[str, Any]] | None:
    """Read a message's files: those that came with the request and, in an edit, those kept."""
    described = form.items("attachments", most=10)
    if described is None and not call.uploads:
        return None
    entries: list[dict[str, Any]] = described or [{"id": number} for number in call.uploads]
    attachments: list[dict[str, Any]] = []
    for entry in entries:
        upload = call.uploads.get(int(entry["id"]))
        if upload is None:
            attachments.append({**entry, "id": str(entry["id"])})
            continue
        file_id = str(call.state.snowflake())
        url = f"http://{call.host}/attachments/{file_id}/{upload.name}"
        attachments.append(
            {
                "id": file_id,
                "filename": upload.name,
                "size": upload.size,
                "content_type": upload.content_type,
                "url": url,
                "proxy_url": url,
            }
        )
        if entry.get("description"):
            attachments[-1]["description"] = entry["description"]
    return attachments
