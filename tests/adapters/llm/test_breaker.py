"""When a model server is left alone, who finds out that it is back, and what is old news."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from bot.adapters.llm.breaker import (
    ENDPOINT_KINDS,
    FAILURES_TO_OPEN,
    FIRST_PAUSE_S,
    LONGEST_ASKED_PAUSE_S,
    LONGEST_PAUSE_S,
    PROBE_PATIENCE_S,
    Breaker,
    Circuit,
    CircuitOpen,
    CircuitState,
    Ticket,
    admit,
    fail,
    give_back,
    pause_s,
    succeed,
)
from bot.adapters.llm.tries import ENDPOINT_TRIES, RETRY_WINDOW_S, UNUSABLE_TRIES
from tests.docs.project import read


class CallsOnACircuit(RuleBasedStateMachine):
    """Calls that set out, succeed, fail and are abandoned in any order, and a plain account of what they mean."""

    tickets = Bundle("tickets")

    def __init__(self) -> None:
        super().__init__()
        self.circuit = Circuit()
        self.now = 0.0
        self.failed_in_a_row = 0
        self.opened_in_a_row = 0
        self.asked_s = 0.0
        self.opened_at = 0.0
        self.probes_sent_at: dict[int, float] = {}  # those nothing was heard of

    def note_heard(self, ticket: Ticket) -> None:
        if ticket.epoch == self.circuit.epoch:
            self.probes_sent_at.pop(ticket.probe, None)

    def forget_probes(self) -> None:
        self.probes_sent_at = {}

    @rule(seconds=st.sampled_from([0.0, 0.1, 1.0, 2.0, 5.0, 19.0, 20.0, 31.0, 700.0]))
    def time_goes_by(self, seconds: float) -> None:
        self.now += seconds

    @rule(target=tickets)
    def a_call_sets_out(self) -> Ticket:
        was_closed = self.circuit.is_closed
        self.circuit, ticket = admit(self.circuit, self.now)
        if was_closed:
            assert ticket == Ticket(self.circuit.epoch)
            return ticket
        is_fresh = any(self.now - sent < PROBE_PATIENCE_S for sent in self.probes_sent_at.values())
        is_early = self.now < self.opened_at + max(pause_s(self.opened_in_a_row), self.asked_s)
        assert (ticket is None) == (is_fresh or is_early)
        if ticket is None:
            return Ticket(-1)
        self.probes_sent_at[ticket.probe] = self.now
        return ticket

    @rule(ticket=consumes(tickets))
    def a_call_succeeds(self, ticket: Ticket) -> None:
        before = self.circuit
        self.circuit = succeed(self.circuit, ticket)
        if ticket.epoch != before.epoch:
            assert self.circuit == before
            return
        assert self.circuit.is_closed
        self.failed_in_a_row = self.opened_in_a_row = 0
        self.forget_probes()

    @rule(ticket=consumes(tickets), retry_after_s=st.sampled_from([None, 0.5, 10.0, 90.0, 86_400.0]))
    def a_call_fails(self, ticket: Ticket, retry_after_s: float | None) -> None:
        before = self.circuit
        self.circuit = fail(self.circuit, ticket, self.now, "server", retry_after_s)
        if ticket.epoch != before.epoch or (ticket.probe and ticket.probe != before.probe):
            assert self.circuit == before
            self.note_heard(ticket)
            return
        self.failed_in_a_row += 1
        if ticket.probe or self.failed_in_a_row >= FAILURES_TO_OPEN:
            self.opened_in_a_row += 1
            self.opened_at, self.asked_s = self.now, min(retry_after_s or 0.0, LONGEST_ASKED_PAUSE_S)
            self.failed_in_a_row = 0
            self.forget_probes()
            assert not self.circuit.is_closed
        else:
            assert self.circuit.is_closed

    @rule(ticket=consumes(tickets))
    def a_call_is_abandoned(self, ticket: Ticket) -> None:
        before = self.circuit
        self.circuit = give_back(self.circuit, ticket, self.now)
        if ticket.probe and ticket.probe == before.probe and ticket.epoch == before.epoch:
            _, next_ticket = admit(self.circuit, self.now)
            assert next_ticket is not None
            self.forget_probes()
            self.opened_at, self.asked_s = self.now - pause_s(self.opened_in_a_row), 0.0
        else:
            assert self.circuit == before
            self.note_heard(ticket)

    @invariant()
    def it_is_open_as_often_as_it_was_opened(self) -> None:
        assert self.circuit.is_closed == (self.opened_in_a_row == 0)
        assert self.circuit.openings == self.opened_in_a_row

    @invariant()
    def some_call_always_gets_through_in_the_end_and_can_close_it(self) -> None:
        later = self.now + max(LONGEST_ASKED_PAUSE_S, PROBE_PATIENCE_S)
        circuit, ticket = admit(self.circuit, later)
        assert ticket is not None
        assert succeed(circuit, ticket).is_closed


CallsOnACircuit.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
test_calls_on_a_circuit = CallsOnACircuit.TestCase


@given(st.integers(1, 10_000), st.none() | st.floats(0, 1e9))
def test_pause_doubles_up_to_its_bound_and_respects_what_was_asked(openings, asked):
    pause = pause_s(openings, asked)
    assert FIRST_PAUSE_S <= pause <= max(LONGEST_PAUSE_S, min(asked or 0.0, LONGEST_ASKED_PAUSE_S))
    assert pause >= min(asked or 0.0, LONGEST_ASKED_PAUSE_S)
    assert pause_s(openings + 1) in (2 * pause_s(openings), LONGEST_PAUSE_S)


class Now:
    """A clock to be moved by hand."""

    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def changes() -> list[CircuitState]:
    return []


@pytest.fixture
def breaker(now: Now, changes: list[CircuitState]) -> Breaker:
    return Breaker(monotonic=now, on_change=changes.append)


def fail_one(breaker: Breaker, kind: str = "server", retry_after_s: float | None = None) -> None:
    with breaker.call() as call:
        call.failed(kind, retry_after_s)


def test_pauses_are_two_four_eight_seconds_and_then_half_a_minute(breaker, now):
    for _ in range(FAILURES_TO_OPEN):
        fail_one(breaker)
    pauses = []
    for _ in range(7):
        pauses.append(breaker.wait_s)
        now.time += breaker.wait_s
        fail_one(breaker)
    assert pauses == [2, 4, 8, 16, 30, 30, 30]


def test_while_open_nobody_gets_through_and_is_told_when(breaker, now):
    for _ in range(FAILURES_TO_OPEN):
        fail_one(breaker, "rate_limit", 12.0)
    now.time += 2.0
    with pytest.raises(CircuitOpen) as caught, breaker.call():
        raise AssertionError
    assert (caught.value.kind, caught.value.retry_after_s) == ("rate_limit", 10.0)


@pytest.mark.parametrize("kind", ["refused", "too_long", "empty", "broken"])
def test_what_speaks_of_the_request_never_opens_and_closes_what_was_open(breaker, now, changes, kind):
    for _ in range(20):
        fail_one(breaker, kind)
    assert (breaker.state, changes) == (CircuitState.CLOSED, [])
    for _ in range(FAILURES_TO_OPEN):
        fail_one(breaker, "unreachable")
    now.time += FIRST_PAUSE_S
    fail_one(breaker, kind)
    assert changes == [CircuitState.OPEN, CircuitState.CLOSED]


@pytest.mark.parametrize("kind", sorted(ENDPOINT_KINDS))
def test_what_speaks_of_the_server_opens(breaker, changes, kind):
    for _ in range(FAILURES_TO_OPEN):
        assert changes == []
        fail_one(breaker, kind)
    assert (changes, breaker.kind) == ([CircuitState.OPEN], kind)


def test_a_success_between_starts_the_count_anew(breaker):
    for _ in range(10):
        for _ in range(FAILURES_TO_OPEN - 1):
            fail_one(breaker)
        with breaker.call() as call:
            call.succeeded()
    assert breaker.state is CircuitState.CLOSED


def test_one_probe_goes_and_the_others_are_told_to_wait(breaker, now):
    for _ in range(FAILURES_TO_OPEN):
        fail_one(breaker)
    now.time += FIRST_PAUSE_S
    with breaker.call() as probe:
        assert probe.is_probe and breaker.state is CircuitState.PROBING
        with pytest.raises(CircuitOpen) as caught, breaker.call():
            raise AssertionError
        assert 0 < caught.value.retry_after_s <= LONGEST_PAUSE_S
        probe.succeeded()
        with breaker.call() as call:
            assert not call.is_probe


def test_an_abandoned_probe_frees_its_place(breaker, now):
    for _ in range(FAILURES_TO_OPEN):
        fail_one(breaker)
    now.time += FIRST_PAUSE_S
    with pytest.raises(KeyboardInterrupt), breaker.call():
        raise KeyboardInterrupt
    with breaker.call() as call:
        assert call.is_probe


def test_a_probe_nothing_is_heard_of_is_joined_by_another_and_may_still_bring_good_news(breaker, now):
    for _ in range(FAILURES_TO_OPEN):
        fail_one(breaker)
    now.time += FIRST_PAUSE_S
    with breaker.call() as silent:
        now.time += PROBE_PATIENCE_S
        with breaker.call() as other:
            assert other.is_probe
            silent.succeeded()
            assert breaker.state is CircuitState.CLOSED
            other.failed("timeout", None)
            assert breaker.state is CircuitState.CLOSED


def test_calls_that_set_out_together_open_once_and_not_further(breaker, changes):
    calls = [breaker.call() for _ in range(50)]
    for each in [call.__enter__() for call in calls]:
        each.failed("unreachable", None)
    for call in calls:
        call.__exit__(None, None, None)
    assert (changes, breaker.wait_s) == ([CircuitState.OPEN], FIRST_PAUSE_S)


def test_an_answer_from_before_the_outage_does_not_end_it(breaker):
    with breaker.call() as early:
        for _ in range(FAILURES_TO_OPEN):
            fail_one(breaker)
        assert not early.may_go_on
        early.succeeded()
    assert breaker.state is CircuitState.OPEN


def test_numbers_are_those_that_the_documents_name():
    assert (FAILURES_TO_OPEN, FIRST_PAUSE_S, LONGEST_PAUSE_S, LONGEST_ASKED_PAUSE_S) == (3, 2.0, 30.0, 1800.0)
    assert (ENDPOINT_TRIES, RETRY_WINDOW_S, UNUSABLE_TRIES) == (3, 6.0, 5)
    said = " ".join(read("docs/settings.md").split()) + " ".join(read("docs/troubleshooting.md").split())
    for words in (
        "After three calls in a row",
        "2 seconds, doubling to 30",
        "half an hour at most",
        "three times within six seconds",
        "up to five times",
    ):
        assert words in said


def test_failures_from_before_an_outage_that_is_over_do_not_count(breaker, now):
    early = [breaker.call() for _ in range(2 * FAILURES_TO_OPEN)]
    calls = [call.__enter__() for call in early]
    for call in calls[:FAILURES_TO_OPEN]:
        call.failed("server", None)
    now.time += FIRST_PAUSE_S
    with breaker.call() as probe:
        probe.succeeded()
    for call in calls[FAILURES_TO_OPEN:]:
        call.failed("server", None)
    assert breaker.state is CircuitState.CLOSED
    for each in early:
        each.__exit__(None, None, None)
