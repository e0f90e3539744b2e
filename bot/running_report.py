"""How she runs, in lines for a terminal: processes, what waits, what failed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.domain.service import Backlog, Failure, LineState, ModelState, Process, ServiceView, VoiceCount

MEGABYTE = 1_000_000
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def report_of(view: ServiceView) -> Iterator[tuple[str, str]]:
    """Give a subject and a sentence for each thing there is to say."""
    if not view.processes:
        yield "process", "none is running"
    for process in view.processes:
        yield "process", _process(process)
    yield "backlog", _backlog(view.backlog, view.at)
    for failure in view.failures:
        yield "failure", _failure(failure, view.at)
    for voice in view.voices:
        yield "voice", _voice(voice)


def _process(process: Process) -> str:
    name, vitals = process.name, process.vitals
    who = f"{name.role} on {name.host}, pid {name.pid}, version {name.version}"
    if process.is_gone:
        return f"{who}: gone, silent for {how_long(process.unseen_for)}: killed, or cut off"
    facts = [f"{process.state} for {how_long(process.seen_at - process.started_at)}"]
    facts += [f"{vitals.turns} channels in hand", f"{round(vitals.memory_bytes / MEGABYTE)} MB"]
    if vitals.sweeps:
        facts.append(f"{vitals.sweeps} sweeps")
    facts += [] if vitals.line is None else [_line(vitals.line)]
    facts += [] if vitals.model is None else [_model(vitals.model)]
    return f"{who}: {', '.join(facts)}"


def _line(line: LineState) -> str:
    shards = f" (shards {line.shards})" if line.shards else ""
    if not line.is_connected:
        return f"gateway{shards} not connected"
    return f"gateway{shards} connected" + ("" if line.latency_ms is None else f", {round(line.latency_ms)} ms")


def _model(model: ModelState) -> str:
    said = f"model {model.name} ({model.kind}, {model.host}) {model.mode}"
    if not model.is_up and model.last_error is not None:
        said += f", last trouble: {model.last_error}"
    return said if model.fallback is None else f"{said}, second model {model.fallback}"


def _backlog(backlog: Backlog, now: datetime) -> str:
    if backlog.is_empty and not backlog.held_jobs:
        return f"nothing waits; {backlog.timers} timers are set"
    counts = {
        "direct": backlog.direct,
        "on servers": backlog.on_servers,
        "until the model is back": backlog.for_model,
        "in hand": backlog.in_hand,
    }
    said = f"{backlog.messages} messages wait: {_listed(counts)}" if backlog.messages else "no message waits"
    if backlog.oldest is not None:
        said += f"; the oldest for {how_long(now - backlog.oldest)}"
    if backlog.rest_until is not None and backlog.rest_until > now:
        said += f"; {backlog.channels_resting} channels rest, up to {how_long(backlog.rest_until - now)} more"
    beside = {
        "turns under way": backlog.open_turns,
        "parts to send": backlog.unsent,
        "timers overdue": backlog.overdue_timers,
        "timers set": backlog.timers,
        "edits and deletes to follow": backlog.changes,
        "feelings to live through": backlog.feelings,
        "jobs held": backlog.held_jobs,
    }
    rest = _listed(beside)
    return f"{said}; {rest}" if rest else said


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {what}" for what, count in counts.items() if count)


def _failure(failure: Failure, now: datetime) -> str:
    when = how_long(now - failure.happened_at)
    return f"{failure.reference}, {when} ago: {failure.owner}: {failure.said} ({failure.place})"


def _voice(voice: VoiceCount) -> str:
    drafts, sent = (f"{count / max(1, voice.answers):.1%}" for count in (voice.flagged, voice.sent_flagged))
    said = f"{voice.answers} answers, assistant talk in {drafts} of drafts, in {sent} of what was sent"
    return f"{voice.model}, {voice.persona}: {said}"


def how_long(duration: timedelta) -> str:
    """Say a duration in its one or two largest units."""
    seconds = max(0, round(duration.total_seconds()))
    days, hours, minutes = seconds // 86_400, seconds // 3600 % 24, seconds // 60 % 60
    if duration >= DAY:
        return f"{days} d {hours} h"
    if duration >= HOUR:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {seconds % 60} s" if duration >= MINUTE else f"{seconds} s"
