"""Files that come with a message: what is told of them, and what they hold."""

from __future__ import annotations

import mimetypes
import struct
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.errors import error
from sandbox.told import ATTACHMENT_LIMIT

if TYPE_CHECKING:
    from sandbox.forms import Form
    from sandbox.routing import Call, Upload
    from sandbox.state import State

_LONGEST_DESCRIPTION = 1024
_PNG = b"\x89PNG\r\n\x1a\n"


def read_attachments(call: Call, form: Form) -> list[dict[str, Any]] | None:
    """Read a message's files: those that came with the request and, in an edit, those kept.

    What they hold stays in the state, by the attachment's id. Discord tells width and height of
    pictures. 40005 for a file that is too large.
    """
    described = form.items("attachments", most=10)
    if described is None and not call.uploads:
        return None
    entries: list[dict[str, Any]] = described or [{"id": number} for number in call.uploads]
    attachments: list[dict[str, Any]] = []
    for number, entry in enumerate(entries):
        if len(str(entry.get("description") or "")) > _LONGEST_DESCRIPTION:
            message = f"Must be {_LONGEST_DESCRIPTION} or fewer in length."
            form.fault(f"attachments.{number}.description", "BASE_TYPE_MAX_LENGTH", message)
        upload = call.uploads.get(int(entry["id"]))
        if upload is None:
            attachments.append({**entry, "id": str(entry["id"])})
            continue
        attachments.append(kept(call.state, call.host, upload))
        if entry.get("description"):
            attachments[-1]["description"] = entry["description"]
    return attachments


def kept(state: State, host: str, upload: Upload) -> dict[str, Any]:
    """Keep a file and return what is told of it; `host` is where it can be fetched from."""
    if upload.size > ATTACHMENT_LIMIT:
        raise error(40005)
    file_id = state.snowflake()
    state.files[file_id] = upload.content
    url = f"http://{host}/attachments/{file_id}/{upload.name}"
    return {
        "id": str(file_id),
        "filename": upload.name,
        "size": upload.size,
        # Discord goes by the name; clients tell no kind, or "octet-stream".
        "content_type": mimetypes.guess_type(upload.name)[0] or upload.content_type,
        "url": url,
        "proxy_url": url,
        **_dimensions(upload),
    }


async def fetched(state: State, request: web.Request) -> web.Response:
    """Return what a file holds to whoever has its address, as Discord's CDN does."""
    held = state.files.get(int(request.match_info["file_id"]))
    if held is None:
        return web.Response(status=404, text="This content is no longer available.")
    kind = mimetypes.guess_type(request.match_info["name"])[0] or "application/octet-stream"
    return web.Response(body=held, content_type=kind)


def _dimensions(upload: Upload) -> dict[str, int]:
    """Return a PNG's width and height in pixels; nothing for other files."""
    if not upload.content.startswith(_PNG) or upload.size < 24:
        return {}
    width, height = struct.unpack(">II", upload.content[16:24])
    return {"width": width, "height": height}
