"""The card that tells an operator how she runs: processes, the model, what waits, what failed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.adapters.discord.locales import words_of
from bot.domain.card import Card, Text
from bot.domain.service import Backlog, Failure, ModelState, Process, ProcessState, ServiceView, VoiceCount

ROOM = 3_700  # characters for all lines: Discord takes 4,000 in a card, its head needs some
PROCESSES_MOST = 20
FAILURES_MOST = 10
MODELS_MOST = 3
TROUBLE_MOST = 3
VOICES_MOST = 6
MODEL_MOST = 60  # characters
HOST_MOST = 40  # characters; a container's name is 12
SAID_MOST = 110
MEGABYTE = 1_000_000

STATE = {
    ProcessState.STARTING: "status_state.starting",
    ProcessState.RUNNING: "status_state.running",
    ProcessState.DRAINING: "status_state.draining",
}
GONE = "status_state.gone"
MODE = {
    "normal": "status_mode.normal",
    "fall-back": "status_mode.fallback",
    "probing": "status_mode.probing",
    "down": "status_mode.down",
}


def status_card(view: ServiceView, *, name: str, colour: int, shows_places: bool, trouble: Sequence[str] = ()) -> Card:
    """Say how she runs; *shows_places* names the machines, for whoever owns them.

    *trouble* names files of the companion that do not read, with the key.
    """
    alive = [process for process in view.processes if not process.is_gone]
    head = {"processes": len(alive), "turns": view.backlog.open_turns, "messages": view.backlog.messages}
    groups = (
        _waiting(view.backlog),
        _models(alive, shows_places=shows_places),
        [Text("status_companion", {"where": where}) for where in trouble[:TROUBLE_MOST]],
        [*_sweeps(alive), *(_process(one, shows_places=shows_places) for one in _worst_first(view.processes))],
        [_failure(failure) for failure in view.failures[:FAILURES_MOST]] or [Text("status_no_failures")],
        [_voice(voice) for voice in view.voices[:VOICES_MOST]],
    )
    sections = fitted([group for group in groups if group], ROOM)
    return Card("status", {"name": name, **head}, title_key="status_title", colour=colour, sections=sections)


def fitted(groups: Sequence[Sequence[Text]], room: int) -> tuple[tuple[Text, ...], ...]:
    """Cut the ends off groups, the longest first, until all of it has *room*; says how many lines are left out."""
    lines = [[(line, len(words_of(line)) + 1) for line in group] for group in groups]
    cut = [0] * len(lines)
    note = len(words_of(Text("status_more", {"count": 999}))) + 1
    while sum(length for group in lines for _, length in group) + note * sum(map(bool, cut)) > room:
        longest = max(range(len(lines)), key=lambda index: sum(length for _, length in lines[index]))
        if len(lines[longest]) <= 1:
            break
        lines[longest].pop()
        cut[longest] += 1
    return tuple(
        (*(line for line, _ in group), *([Text("status_more", {"count": left})] if left else []))
        for group, left in zip(lines, cut, strict=True)
    )


def _waiting(backlog: Backlog) -> list[Text]:
    """Say what waits, in the order it is seen to."""
    if backlog.is_empty and not backlog.held_jobs:
        return [Text("status_nothing_waits", {"timers": backlog.timers})]
    counts = {
        "direct": backlog.direct,
        "on_servers": backlog.on_servers,
        "for_model": backlog.for_model,
        "in_hand": backlog.in_hand,
    }
    beside = {
        "unsent": backlog.unsent,
        "overdue": backlog.overdue_timers,
        "timers": backlog.timers,
        "changes": backlog.changes,
        "feelings": backlog.feelings,
        "held": backlog.held_jobs,
    }
    lines = [Text("status_messages", counts)]
    if backlog.oldest is not None:
        lines.append(Text("status_oldest", {"seconds": int(backlog.oldest.timestamp())}))
    if backlog.channels_resting and backlog.rest_until is not None:
        until = int(backlog.rest_until.timestamp())
        lines.append(Text("status_resting", {"count": backlog.channels_resting, "seconds": until}))
    return [*lines, Text("status_beside", beside)] if any(beside.values()) else lines


def _models(alive: Iterable[Process], *, shows_places: bool) -> list[Text]:
    """Say how the model does, once for all processes that find it so."""
    states = (one.vitals.model for one in alive if one.vitals.model is not None)
    lines = {(state if shows_places else replace(state, host="")): None for state in states}
    return [_model(state) for state in [*lines][:MODELS_MOST]]


def _model(state: ModelState) -> Text:
    host = Text("status_host", {"host": state.host}) if state.host else ""
    facts = {"model": state.name, "kind": state.kind, "host": host, "mode": _mode(state.mode)}
    if state.last_error is not None and not state.is_up:
        return Text("status_model_trouble", {**facts, "error": state.last_error})
    if state.fallback is not None:
        return Text("status_model_with_fallback", {**facts, "fallback": state.fallback})
    return Text("status_model", facts)


def _sweeps(alive: Iterable[Process]) -> list[Text]:
    """Say how often the processes that are there have looked for what was left, and when last."""
    vitals = [process.vitals for process in alive]
    last = max((one.swept_at for one in vitals if one.swept_at is not None), default=None)
    if last is None:
        return []
    facts = {"count": sum(one.sweeps for one in vitals), "seconds": int(last.timestamp())}
    return [Text("status_sweeps", facts)]


def _mode(mode: str) -> Text | str:
    return Text(MODE[mode]) if mode in MODE else mode


def _worst_first(processes: Sequence[Process]) -> list[Process]:
    """Put those that need looking at first: where room is short, the others are left out."""
    ordered = sorted(processes, key=lambda one: (not one.is_gone, one.state is ProcessState.RUNNING))
    return ordered[:PROCESSES_MOST]


def _process(process: Process, *, shows_places: bool) -> Text:
    vitals = process.vitals
    facts = {
        "role": process.name.role,
        "state": Text(GONE if process.is_gone else STATE[process.state]),
        "turns": vitals.turns,
        "memory": round(vitals.memory_bytes / MEGABYTE),
        "seconds": int((process.seen_at if process.is_gone else process.started_at).timestamp()),
        "line": _line(process),
        "place": _place(process) if shows_places else "",
    }
    return Text("status_process_gone" if process.is_gone else "status_process", facts)


def _line(process: Process) -> Text | str:
    line = process.vitals.line
    if line is None:
        return ""
    shards = Text("status_shards", {"shards": line.shards}) if line.shards else ""
    if not line.is_connected:
        return Text("status_line_down", {"shards": shards})
    if line.latency_ms is None:
        return Text("status_line_up", {"shards": shards})
    return Text("status_line", {"shards": shards, "milliseconds": round(line.latency_ms)})


def _place(process: Process) -> Text:
    return Text("status_place", {"host": process.name.host[:HOST_MOST], "pid": process.name.pid})


def _voice(voice: VoiceCount) -> Text:
    facts = {
        "model": voice.model[:MODEL_MOST],
        "persona": voice.persona,
        "answers": voice.answers,
        "flagged": _percent(voice.flagged, voice.answers),
        "sent": _percent(voice.sent_flagged, voice.answers),
    }
    return Text("status_voice", facts)


def _percent(count: int, of: int) -> str:
    return f"{count / max(1, of):.1%}"


def _failure(failure: Failure) -> Text:
    facts = {
        "reference": failure.reference,
        "seconds": int(failure.happened_at.timestamp()),
        "owner": failure.owner,
        "said": failure.said[:SAID_MOST],
        "place": failure.place,
    }
    return Text("status_failure", facts)
