"""Discord's refusals: HTTP status, JSON error code and the exact body a client sees."""

from __future__ import annotations

from typing import Any, NamedTuple

Json = dict[str, Any]


class Refusal(NamedTuple):
    """One of Discord's error answers."""

    status: int
    code: int
    message: str


# Source: Discord developer documentation, "JSON Error Codes".
UNAUTHORIZED = Refusal(401, 0, "401: Unauthorized")
NOT_FOUND = Refusal(404, 0, "404: Not Found")
METHOD_NOT_ALLOWED = Refusal(405, 0, "405: Method Not Allowed")
SERVER_ERROR = Refusal(500, 0, "500: Internal Server Error")
UNKNOWN_APPLICATION = Refusal(404, 10002, "Unknown Application")
UNKNOWN_CHANNEL = Refusal(404, 10003, "Unknown Channel")
UNKNOWN_GUILD = Refusal(404, 10004, "Unknown Guild")
UNKNOWN_MEMBER = Refusal(404, 10007, "Unknown Member")
UNKNOWN_MESSAGE = Refusal(404, 10008, "Unknown Message")
UNKNOWN_OVERWRITE = Refusal(404, 10009, "Unknown Overwrite")
UNKNOWN_ROLE = Refusal(404, 10011, "Unknown Role")
UNKNOWN_USER = Refusal(404, 10013, "Unknown User")
UNKNOWN_EMOJI = Refusal(400, 10014, "Unknown Emoji")
UNKNOWN_WEBHOOK = Refusal(404, 10015, "Unknown Webhook")
UNKNOWN_STICKER = Refusal(404, 10060, "Unknown sticker")
UNKNOWN_INTERACTION = Refusal(404, 10062, "Unknown interaction")
UNKNOWN_COMMAND = Refusal(404, 10063, "Unknown application command")
UNKNOWN_COMMAND_PERMISSIONS = Refusal(404, 10066, "Unknown application command permissions")
ONLY_BOTS = Refusal(403, 20002, "Only bots can use this endpoint")
OWN_APPLICATION_ONLY = Refusal(403, 20012, "You are not authorized to perform this action on this application")
TOO_MANY_REACTIONS = Refusal(400, 30010, "Maximum number of reactions reached (20)")
TOO_MANY_PINS = Refusal(400, 30003, "Maximum number of pinned messages reached (250)")
TOO_MANY_COMMANDS = Refusal(400, 30032, "Maximum number of application commands reached (100)")
FILE_TOO_LARGE = Refusal(413, 40005, "Request entity too large")
ALREADY_ACKNOWLEDGED = Refusal(400, 40060, "Interaction has already been acknowledged.")
MISSING_ACCESS = Refusal(403, 50001, "Missing Access")
NOT_IN_DM = Refusal(403, 50003, "Cannot execute action on a DM channel")
NOT_THE_AUTHOR = Refusal(403, 50005, "Cannot edit a message authored by another user")
EMPTY_MESSAGE = Refusal(400, 50006, "Cannot send an empty message")
CANNOT_DM = Refusal(403, 50007, "Cannot send messages to this user")
NOT_A_TEXT_CHANNEL = Refusal(400, 50008, "Cannot send messages in a non-text channel")
MISSING_PERMISSIONS = Refusal(403, 50013, "Missing Permissions")
BULK_DELETE_COUNT = Refusal(
    400, 50016, "Provided too few or too many messages to delete. Must provide at least 2 and at most 100."
)
SYSTEM_MESSAGE = Refusal(403, 50021, "Cannot execute action on a system message")
INVALID_WEBHOOK_TOKEN = Refusal(401, 50027, "Invalid Webhook Token")
INVALID_RECIPIENTS = Refusal(400, 50033, "Invalid Recipient(s)")
TOO_OLD_TO_BULK_DELETE = Refusal(400, 50034, "You can only bulk delete messages that are under 14 days old.")
INVALID_FORM_BODY = Refusal(400, 50035, "Invalid Form Body")
INVALID_API_VERSION = Refusal(400, 50041, "Invalid API version provided")
THREAD_ARCHIVED = Refusal(400, 50083, "Thread is archived")
INVALID_JSON = Refusal(400, 50109, "The request body contains invalid JSON.")
THREAD_EXISTS = Refusal(400, 160004, "A thread has already been created for this message")
CANNOT_REPLY = Refusal(400, 160002, "Cannot reply without permission to read message history")


class ApiError(Exception):
    """Ends a request with one of Discord's refusals."""

    def __init__(self, refusal: Refusal, errors: Json | None = None) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal
        self.errors = errors

    @property
    def status(self) -> int:
        """HTTP status of the answer."""
        return self.refusal.status

    def body(self) -> Json:
        """Return the JSON body as Discord writes it."""
        body: Json = {"message": self.refusal.message, "code": self.refusal.code}
        if self.errors is not None:
            body["errors"] = self.errors
        return body


class FormErrors:
    """Collects what is wrong with a body, at its path, and refuses once with all of it (50035)."""

    def __init__(self) -> None:
        self._tree: Json = {}

    def add(self, path: tuple[str | int, ...], code: str, message: str) -> None:
        """Record *message* at *path*; list positions become string keys, as Discord writes them."""
        node = self._tree
        for step in path:
            node = node.setdefault(str(step), {})
        node.setdefault("_errors", []).append({"code": code, "message": message})

    def raise_if_any(self) -> None:
        """Refuse the body if anything was recorded."""
        if self._tree:
            raise ApiError(INVALID_FORM_BODY, self._tree)


def form_error(path: tuple[str | int, ...], code: str, message: str) -> ApiError:
    """Build a 50035 refusal with one complaint."""
    errors = FormErrors()
    errors.add(path, code, message)
    return ApiError(INVALID_FORM_BODY, errors._tree)
