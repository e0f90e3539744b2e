"""How she runs, in lines for a terminal."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.service import Backlog, LineState, ProcessState, ServiceView, Vitals
from bot.running_report import how_long, report_of
from tests.cogs.overseen import ALL, BUSY, FAILURE, MODEL, VIEW
from tests.cogs.views import NOW


def lines(view: ServiceView) -> list[str]:
    return [f"{subject}: {said}" for subject, said in report_of(view)]


def test_each_thing_has_its_line():
    assert lines(VIEW) == [
        "process: all on host, pid 4711, version 0.1.0: running for 2 h 0 min, 3 channels in hand, 84 MB, 17 sweeps, "
        "gateway connected, 41 ms, model gpt-5.4 (openai, api.openai.com) normal",
        "backlog: 10 messages wait: 2 direct, 3 on servers, 4 until the model is back, 1 in hand; "
        "the oldest for 3 min 0 s; 2 channels rest, up to 1 min 0 s more; "
        "1 turns under way, 5 parts to send, 1 timers overdue, 6 timers set, "
        "7 edits and deletes to follow, 8 feelings to live through, 9 jobs held",
        "failure: 0a1b2c3d, 0 s ago: ProviderError: the model gave no answer (timeout) (bot.engine.respond)",
    ]


def test_where_nothing_is_there_is_little_to_say():
    assert lines(ServiceView(NOW, (), Backlog(timers=2), ())) == [
        "process: none is running",
        "backlog: nothing waits; 2 timers are set",
    ]


def test_what_is_left_without_a_message_is_told():
    assert lines(ServiceView(NOW, (), Backlog(held_jobs=2), ()))[1] == "backlog: no message waits; 2 jobs held"


def test_trouble_is_named():
    model = replace(MODEL, mode="fall-back", is_up=False, last_error="timeout", fallback="second")
    vitals = Vitals(model=model, line=LineState(is_connected=False, shards="0-3/16"))
    (line, *_) = lines(replace(VIEW, processes=(replace(ALL, state=ProcessState.STARTING, vitals=vitals),)))
    assert "starting for" in line and "gateway (shards 0-3/16) not connected" in line
    assert line.endswith("fall-back, last trouble: timeout, second model second")
    (line, *_) = lines(replace(VIEW, processes=(replace(ALL, unseen_for=timedelta(hours=30)),)))
    assert line.endswith("gone, silent for 1 d 6 h: killed, or cut off")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-5, "0 s"), (0.4, "0 s"), (59, "59 s"), (60, "1 min 0 s"), (3_725, "1 h 2 min"), (90_000, "1 d 1 h")],
)
def test_durations_are_told_in_their_largest_units(seconds: float, words: str):
    assert how_long(timedelta(seconds=seconds)) == words


def test_the_line_of_a_failure_is_found_by_its_reference():
    assert FAILURE.reference in "\n".join(lines(VIEW))
    assert BUSY.messages == 10
