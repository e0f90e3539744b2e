"""Faults that tests and curious people can put into the playground, and when each of them strikes.

Kinds, with their details:

- `rest_status`: answer `status` instead of doing the work; `route`, `times`, `after`, `body`, and for a 429
  `retry_after` and `global`;
- `slow`: wait `delay_s` before the work; `route`, `times`, `after`;
- `cut_before_request`: cut the connection without doing the work; `route`, `times`, `after`;
- `cut_after_request`: do the work, then cut the connection without an answer; `route`, `times`, `after`;
- `drop_socket`: cut all gateway sockets, or close them with `code`; `resumable` (true) keeps the sessions;
- `reconnect`: ask every gateway socket to reconnect (op 7);
- `invalid_session`: tell every gateway socket its session is invalid (op 9) with `resumable` (false);
- `duplicate_events`: send matching events twice; `events`, `times`, `after`;
- `reorder_events`: hold a matching event until the next one has gone; `events`, `times`, `after`;
- `mute_heartbeats`: leave heartbeats without an acknowledgement; `times`.

`route` is `"METHOD /path"` below `/api/v10` with `*` for anything (`"POST /channels/*/messages"`); without it
every route matches. `times` counts how often the fault strikes (1; `null` means until cleared) after the
first `after` (0) matches passed unharmed. Only the application's own requests are struck.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from playground.errors import Json, form_error

ROUTE_KINDS = frozenset({"rest_status", "slow", "cut_before_request", "cut_after_request"})
SOCKET_KINDS = frozenset({"drop_socket", "reconnect", "invalid_session"})
EVENT_KINDS = frozenset({"duplicate_events", "reorder_events", "mute_heartbeats"})
KINDS = ROUTE_KINDS | SOCKET_KINDS | EVENT_KINDS
_DETAILS: dict[str, tuple[type, ...]] = {
    "route": (str,),
    "status": (int,),
    "times": (int, type(None)),
    "after": (int,),
    "retry_after": (int, float),
    "global": (bool,),
    "delay_s": (int, float),
    "code": (int, type(None)),
    "resumable": (bool,),
    "events": (list, type(None)),
    "body": (dict, type(None)),
}


@dataclass(slots=True)
class Fault:
    """One fault waiting to strike."""

    kind: str
    details: Json
    skips_left: int = 0
    strikes_left: int | None = 1

    def strikes(self) -> bool:
        """Count one match; return whether it is struck."""
        if self.skips_left > 0:
            self.skips_left -= 1
            return False
        if self.strikes_left is not None:
            self.strikes_left -= 1
        return True

    @property
    def is_spent(self) -> bool:
        """Whether it has struck as often as asked."""
        return self.strikes_left is not None and self.strikes_left <= 0


def parse_fault(body: Json) -> Fault:
    """Check *body* and make a fault of it; refuses unknown kinds and details (50035)."""
    kind = body.get("kind")
    if kind not in KINDS:
        raise form_error(("kind",), "BASE_TYPE_CHOICES", f"Value must be one of {tuple(sorted(KINDS))}.")
    details = {name: value for name, value in body.items() if name != "kind"}
    for name, value in details.items():
        if name not in _DETAILS or not isinstance(value, _DETAILS[name]):
            raise form_error((name,), "BASE_TYPE_BAD", "Unknown detail, or a value of the wrong type.")
    return Fault(kind, details, details.get("after", 0), details.get("times", 1))


class Faults:
    """The faults in force; empty most of the time, and then free of cost."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Put *fault* in force."""
        self._faults.append(fault)

    def clear(self) -> None:
        """Lift every fault."""
        self._faults.clear()

    def for_route(self, kind: str, route: str) -> Fault | None:
        """Return the fault of *kind* that strikes this request to *route*, counting it."""
        return self._strike(f for f in self._faults if f.kind == kind and _matches_route(f, route))

    def for_event(self, kind: str, event: str) -> bool:
        """Whether a fault of *kind* strikes this *event*, counting it."""
        return (
            bool(self._faults)
            and self._strike(
                f for f in self._faults if f.kind == kind and event in (f.details.get("events") or [event])
            )
            is not None
        )

    def _strike(self, candidates: Iterable[Fault]) -> Fault | None:
        for fault in list(candidates):
            if not fault.strikes():
                continue
            if fault.is_spent:
                self._faults.remove(fault)
            return fault
        return None


def _matches_route(fault: Fault, route: str) -> bool:
    return fnmatchcase(route, fault.details.get("route", "*"))
