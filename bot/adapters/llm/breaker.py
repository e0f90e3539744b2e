"""A circuit breaker for one model server: when it may be asked, and who finds out that it is back.

The rules are pure functions from one `Circuit` to the next; `Breaker` gives them a clock and the
order of the calls. Nobody waits in here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum

# What speaks about the server. The other kinds speak about one request and are proof that it answers.
ENDPOINT_KINDS = frozenset({"unreachable", "server", "timeout", "rate_limit", "quota", "auth", "not_found"})
FAILURES_TO_OPEN = 3  # calls in a row, each after its own tries: one may be bad luck, three are an outage
FIRST_PAUSE_S = 2.0  # a restarted server is back in seconds, and somebody waits
LONGEST_PAUSE_S = 30.0  # what recovery is noticed late by, at most; two requests a minute burden nobody
LONGEST_ASKED_PAUSE_S = 1800.0  # a server may ask for more, up to this: an operator may mend it any time
PROBE_PATIENCE_S = 20.0  # after so long without a sign from one probe, another may go beside it


class CircuitState(StrEnum):
    """Whether calls go through."""

    CLOSED = "closed"
    OPEN = "open"
    PROBING = "probing"  # one call is finding out


@dataclass(frozen=True, slots=True)
class Circuit:
    """What is remembered of a server. Times are of the clock of `Breaker`, in seconds.

    *epoch* counts openings and closings: what a call reports that set out before the last of them
    is old news.
    """

    epoch: int = 0
    failures: int = 0  # failed calls in a row, while closed
    openings: int = 0  # in a row, without a success between; 0 means closed
    kind: str = ""  # of the last failure
    next_probe_at: float = 0.0
    probe: int = 0  # number of the probe under way, 0 without one
    probes: int = 0  # numbers given so far

    @property
    def is_closed(self) -> bool:
        """Say whether calls go through."""
        return self.openings == 0


@dataclass(frozen=True, slots=True)
class Ticket:
    """The right to one call; *probe* is 0 for a call like any other."""

    epoch: int
    probe: int = 0


def admit(circuit: Circuit, now: float) -> tuple[Circuit, Ticket | None]:
    """Let a call through: any while closed, one as the probe when that is due, else none."""
    if circuit.is_closed:
        return circuit, Ticket(circuit.epoch)
    if now < circuit.next_probe_at:
        return circuit, None
    number = circuit.probes + 1
    sent = replace(circuit, probe=number, probes=number, next_probe_at=now + PROBE_PATIENCE_S)
    return sent, Ticket(circuit.epoch, number)


def succeed(circuit: Circuit, ticket: Ticket) -> Circuit:
    """Note that the server answered a call, whatever it said: that closes an open circuit."""
    if ticket.epoch != circuit.epoch:
        return circuit
    if circuit.is_closed:
        return replace(circuit, failures=0)
    return Circuit(epoch=circuit.epoch + 1, probes=circuit.probes)


def fail(circuit: Circuit, ticket: Ticket, now: float, kind: str, retry_after_s: float | None = None) -> Circuit:
    """Note a call that failed for a reason that lies with the server."""
    if ticket.epoch != circuit.epoch or ticket.probe != circuit.probe:
        return circuit
    failures = circuit.failures + 1
    if circuit.is_closed and failures < FAILURES_TO_OPEN:
        return replace(circuit, failures=failures, kind=kind)
    return Circuit(
        epoch=circuit.epoch + 1,
        openings=circuit.openings + 1,
        kind=kind,
        next_probe_at=now + pause_s(circuit.openings + 1, retry_after_s),
        probes=circuit.probes,
    )


def give_back(circuit: Circuit, ticket: Ticket, now: float) -> Circuit:
    """Note a call that was abandoned and says nothing: the next one may be the probe in its place."""
    if not ticket.probe or ticket.epoch != circuit.epoch or ticket.probe != circuit.probe:
        return circuit
    return replace(circuit, probe=0, next_probe_at=now)


def pause_s(openings: int, retry_after_s: float | None = None) -> float:
    """Give how long to leave a server alone that was found down *openings* times in a row."""
    usual: float = min(FIRST_PAUSE_S * 2 ** min(openings - 1, 16), LONGEST_PAUSE_S)
    return max(usual, min(retry_after_s or 0.0, LONGEST_ASKED_PAUSE_S))


class CircuitOpen(Exception):
    """The server is known to be down and was not asked; *kind* is how it failed last."""

    def __init__(self, kind: str, retry_after_s: float) -> None:
        super().__init__(kind)
        self.kind = kind
        self.retry_after_s = retry_after_s


class Breaker:
    """The circuit of one server as its calls come and go.

    *on_change* is told each change of state, after it; it must not raise.
    """

    def __init__(
        self,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        on_change: Callable[[CircuitState], None] = lambda state: None,
    ) -> None:
        self._monotonic = monotonic
        self._on_change = on_change
        self._circuit = Circuit()

    @property
    def state(self) -> CircuitState:
        """Say whether calls go through."""
        if self._circuit.is_closed:
            return CircuitState.CLOSED
        return CircuitState.PROBING if self._circuit.probe else CircuitState.OPEN

    @property
    def kind(self) -> str:
        """Give how the last failed call failed, empty without one."""
        return self._circuit.kind

    @property
    def wait_s(self) -> float | None:
        """Give the time until it is worth asking again; None while anybody may ask."""
        if self._circuit.is_closed:
            return None
        left_s = max(self._circuit.next_probe_at - self._monotonic(), 0.0)
        # the probe under way usually knows long before its patience ends; this long after it the next one goes
        return min(left_s, pause_s(self._circuit.openings + 1)) if self._circuit.probe else left_s

    def check(self) -> None:
        """Do nothing if a call would go through now.

        Raises:
            CircuitOpen: it would not.
        """
        if admit(self._circuit, self._monotonic())[1] is None:
            raise CircuitOpen(self._circuit.kind, self.wait_s or 0.0)

    @contextmanager
    def call(self) -> Iterator[Call]:
        """Make a call; it is given back at the end unless it reported how it went.

        Raises:
            CircuitOpen: no call may be made now.
        """
        self.check()
        after, ticket = admit(self._circuit, self._monotonic())
        assert ticket is not None  # `check` has just said so
        self._move(after)
        try:
            yield Call(self, ticket)
        finally:
            self._move(give_back(self._circuit, ticket, self._monotonic()))

    def may_go_on(self, ticket: Ticket) -> bool:
        """Say whether the call with *ticket* may ask once more: nobody found the server down since it set out."""
        return self._circuit.is_closed or ticket.epoch == self._circuit.epoch

    def report_success(self, ticket: Ticket) -> None:
        """Take in that the server answered."""
        self._move(succeed(self._circuit, ticket))

    def report_failure(self, ticket: Ticket, kind: str, retry_after_s: float | None) -> None:
        """Take in that it did not, for a reason of its own."""
        self._move(fail(self._circuit, ticket, self._monotonic(), kind, retry_after_s))

    def _move(self, after: Circuit) -> None:
        before, self._circuit = self._circuit, after
        if (before.is_closed, before.epoch) != (after.is_closed, after.epoch):
            self._on_change(self.state)


@dataclass(frozen=True, slots=True)
class Call:
    """One call that the breaker let through."""

    breaker: Breaker
    ticket: Ticket

    @property
    def is_probe(self) -> bool:
        """Say whether this call finds out if the server is back."""
        return self.ticket.probe != 0

    @property
    def may_go_on(self) -> bool:
        """Say whether it may ask once more: nobody found out meanwhile that the server is down."""
        return self.breaker.may_go_on(self.ticket)

    def succeeded(self) -> None:
        """Report that the server answered."""
        self.breaker.report_success(self.ticket)

    def failed(self, kind: str, retry_after_s: float | None) -> None:
        """Report a failure; of the kinds that speak about the request it means that the server answered."""
        if kind in ENDPOINT_KINDS:
            self.breaker.report_failure(self.ticket, kind, retry_after_s)
        else:
            self.breaker.report_success(self.ticket)
