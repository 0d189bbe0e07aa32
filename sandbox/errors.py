"""Discord's JSON errors: HTTP status, code and message (topics/opcodes-and-status-codes)."""

from __future__ import annotations

from typing import Any

_ERRORS: dict[int, tuple[int, str]] = {
    0: (404, "404: Not Found"),
    10002: (404, "Unknown Application"),
    10003: (404, "Unknown Channel"),
    10004: (404, "Unknown Guild"),
    10007: (404, "Unknown Member"),
    10008: (404, "Unknown Message"),
    10009: (404, "Unknown permission overwrite"),
    10011: (404, "Unknown Role"),
    10013: (404, "Unknown User"),
    10014: (400, "Unknown Emoji"),
    10015: (404, "Unknown Webhook"),
    10026: (404, "Unknown Ban"),
    10062: (404, "Unknown interaction"),
    10070: (404, "Unknown Guild Scheduled Event"),
    10063: (404, "Unknown application command"),
    30003: (400, "Maximum number of pins reached for the channel (250)"),
    30005: (400, "Maximum number of server roles reached (250)"),
    30010: (400, "Maximum number of reactions reached (20)"),
    30013: (400, "Maximum number of server channels reached (500)"),
    30030: (400, "Maximum number of server categories has been reached (50)"),
    30033: (400, "Max number of thread participants has been reached (1000)"),
    30038: (400, "Maximum number of uncompleted guild scheduled events reached (100)"),
    30046: (429, "Maximum number of edits to messages older than 1 hour reached. Try again later"),
    30060: (400, "Maximum number of channel permission overwrites reached (1000)"),
    40005: (413, "Request entity too large"),
    40007: (403, "The user is banned from this guild."),
    40009: (400, "Only one channel may change its parent_id in one request"),
    40032: (400, "Target user is not connected to voice."),
    40060: (400, "Interaction has already been acknowledged."),
    50001: (403, "Missing Access"),
    50003: (400, "Cannot execute action on a DM channel"),
    50005: (403, "Cannot edit a message authored by another user"),
    50006: (400, "Cannot send an empty message"),
    50007: (403, "Cannot send messages to this user"),
    50008: (400, "Cannot send messages in a non-text channel"),
    50013: (403, "Missing Permissions"),
    50024: (403, "Cannot execute action on this channel type"),
    50027: (401, "Invalid Webhook Token"),
    50028: (400, "Invalid Role"),
    50033: (400, "Invalid Recipient(s)"),
    50034: (400, "You can only bulk delete messages that are under 14 days old."),
    50083: (400, "Thread is archived"),
    50109: (400, "The request body contains invalid JSON."),
    160002: (400, "Cannot reply without permission to read message history"),
    160004: (400, "A thread has already been created for this message"),
    160005: (400, "Thread is locked"),
    160006: (400, "Maximum number of active threads reached"),
    180000: (400, "Cannot update a finished event"),
}


class ApiError(Exception):
    """A refusal with Discord's status, code and message; `errors` names the fields at fault."""

    def __init__(
        self, status: int, code: int, message: str, errors: dict[str, Any] | None = None
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors

    def body(self) -> dict[str, Any]:
        """Return the JSON that Discord answers with."""
        body: dict[str, Any] = {"message": self.message, "code": self.code}
        if self.errors:
            body["errors"] = self.errors
        return body


def error(code: int) -> ApiError:
    """Return the refusal that Discord gives under a code; KeyError for a code not listed here."""
    status, message = _ERRORS[code]
    return ApiError(status, code, message)


def unauthorized() -> ApiError:
    """Return the answer to a missing or wrong token."""
    return ApiError(401, 0, "401: Unauthorized")


def invalid_form(path: str, code: str, message: str) -> ApiError:
    """Return "Invalid Form Body" for one field; `path` is dotted ("embeds.0.title")."""
    refusal = ApiError(400, 50035, "Invalid Form Body", {})
    add_field_error(refusal, path, code, message)
    return refusal


def add_field_error(refusal: ApiError, path: str, code: str, message: str) -> None:
    """Add another field's fault to an invalid form, nested as Discord nests it."""
    assert refusal.errors is not None
    node = refusal.errors
    for part in path.split(".") if path else ():
        node = node.setdefault(part, {})
    node.setdefault("_errors", []).append({"code": code, "message": message})
