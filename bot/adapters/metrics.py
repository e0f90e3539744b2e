"""Figures for Prometheus, in a registry of their own: what was counted here, and how this process does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.domain.service import Backlog, Process, ProcessName, ServiceView, Vitals
from bot.ports import Finished

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
MILLISECONDS = 1000.0
# seconds: a local model on a small machine may take a minute, a person notices a quarter of a second
BUCKETS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 120.0, 300.0)
MODELS_MOST = 20  # a server may name its model anew in each answer; labels must not grow without end
OTHER = "other"
STAGES = {"first words": "first_words", "sent": "sent"}  # a turn's marks that people feel
WAITING = (
    *("direct", "on_servers", "for_model", "in_hand", "unsent"),
    *("overdue_timers", "timers", "changes", "feelings", "held_jobs"),
)
MODES = ("normal", "fall-back", "probing", "down")


class PrometheusMeter:
    """Implements `bot.operator_ports.Meter`."""

    def __init__(self, name: ProcessName) -> None:
        registry = self.registry = CollectorRegistry()
        self._heard = Counter("mira_messages_heard", "Messages that were hers to answer.", ["news"], registry=registry)
        self._turns = Counter("mira_turns", "Turns that ended, by how.", ["outcome"], registry=registry)
        self._turn_seconds = Histogram(
            "mira_turn_seconds",
            "From the claim of a turn to a mark in it.",
            ["mark"],
            buckets=BUCKETS,
            registry=registry,
        )
        self._calls = Counter(
            "mira_model_calls", "Model calls, by how they ended.", ["model", "outcome"], registry=registry
        )
        self._call_seconds = Histogram(
            "mira_model_call_seconds", "How long model calls took.", buckets=BUCKETS, registry=registry
        )
        self._tokens = Counter("mira_model_tokens", "Tokens of model calls.", ["model", "kind"], registry=registry)
        self._parts = Counter("mira_parts", "Parts of answers, by what became of them.", ["outcome"], registry=registry)
        self._recoveries = Counter(
            "mira_recoveries", "Channels seen to because something was left in them.", registry=registry
        )
        self._failures = Counter("mira_failures", "Failures, by error family.", ["family"], registry=registry)
        self._models: set[str] = set()
        build = {"version": name.version, "role": name.role}
        registry.register(_Fixed("mira_build", "What runs here.", build))
        ProcessCollector(registry=registry)

    def heard(self, *, is_new: bool) -> None:
        """See `bot.operator_ports.Meter.heard`."""
        self._heard.labels("new" if is_new else "known").inc()

    def turn(self, outcome: str, timings_ms: Mapping[str, float]) -> None:
        """See `bot.operator_ports.Meter.turn`."""
        self._turns.labels(_word(outcome)).inc()
        for mark, label in STAGES.items():
            if mark in timings_ms:
                self._turn_seconds.labels(label).observe(timings_ms[mark] / MILLISECONDS)

    def model_call(self, outcome: str, duration: timedelta, answer: Finished | None) -> None:
        """See `bot.operator_ports.Meter.model_call`."""
        model = "" if answer is None else self._bounded(answer.model)
        self._calls.labels(model, _word(outcome)).inc()
        self._call_seconds.observe(duration.total_seconds())
        if answer is None:
            return
        counts = {"in": answer.tokens_in, "out": answer.tokens_out, "cached": answer.tokens_cached}
        for kind, count in counts.items():
            if count:
                self._tokens.labels(model, kind).inc(count)

    def part(self, outcome: str) -> None:
        """See `bot.operator_ports.Meter.part`."""
        self._parts.labels(_word(outcome)).inc()

    def recovered(self) -> None:
        """See `bot.operator_ports.Meter.recovered`."""
        self._recoveries.inc()

    def failed(self, owner: str) -> None:
        """See `bot.operator_ports.Meter.failed`."""
        self._failures.labels(owner).inc()

    def exposition(self, vitals: Vitals, view: ServiceView | None, *, now: datetime) -> tuple[bytes, str]:
        """Write everything in Prometheus's text format, and name that.

        What *view* says is the same in every process; it is None while the database does not answer.
        """
        passing = CollectorRegistry()
        passing.register(_Passing(lambda: _of_vitals(vitals, now)))
        if view is not None:
            passing.register(_Passing(lambda: [*_of_backlog(view.backlog, now), _of_processes(view.processes)]))
        return generate_latest(self.registry) + generate_latest(passing), CONTENT_TYPE

    def _bounded(self, model: str) -> str:
        if model not in self._models and len(self._models) >= MODELS_MOST:
            return OTHER
        self._models.add(model)
        return model


class _Passing(Collector):
    """Figures of this moment."""

    def __init__(self, read: Callable[[], Iterable[Metric]]) -> None:
        self._read = read

    def collect(self) -> Iterable[Metric]:
        return self._read()


class _Fixed(Collector):
    """A line that never changes, with its facts as labels."""

    def __init__(self, name: str, words: str, labels: Mapping[str, str]) -> None:
        self._line = GaugeMetricFamily(f"{name}_info", words, labels=[*labels])
        self._line.add_metric([*labels.values()], 1)

    def collect(self) -> Iterable[Metric]:
        return [self._line]


def _of_vitals(vitals: Vitals, now: datetime) -> Iterable[Metric]:
    yield _gauge("mira_turns_under_way", "Channels this process works on.", vitals.turns)
    yield _gauge("mira_memory_bytes", "Memory of this process.", vitals.memory_bytes)
    yield _gauge("mira_event_loop_lag_seconds", "How late the last beat was.", vitals.lag_ms / MILLISECONDS)
    sweeps = CounterMetricFamily("mira_sweeps", "Rounds of the sweeper.")
    sweeps.add_metric([], vitals.sweeps)
    yield sweeps
    if vitals.swept_at is not None:
        yield _gauge("mira_last_sweep_age_seconds", "Since the last round.", (now - vitals.swept_at).total_seconds())
    if vitals.model is not None:
        yield _gauge("mira_model_up", "Whether the model answered last.", vitals.model.is_up)
        modes = GaugeMetricFamily("mira_model_mode", "Which way of asking the model is in use.", labels=["mode"])
        for mode in (*MODES, *({vitals.model.mode} - {*MODES})):
            modes.add_metric([mode], vitals.model.mode == mode)
        yield modes
    if vitals.line is not None:
        yield _gauge("mira_gateway_connected", "Whether every shard here is connected.", vitals.line.is_connected)
        if vitals.line.latency_ms is not None:
            yield _gauge(
                "mira_gateway_latency_seconds", "The gateway's round trip.", vitals.line.latency_ms / MILLISECONDS
            )


def _of_backlog(backlog: Backlog, now: datetime) -> Iterable[Metric]:
    waiting = GaugeMetricFamily("mira_backlog", "What waits, by kind.", labels=["kind"])
    for kind in WAITING:
        waiting.add_metric([kind], getattr(backlog, kind))
    yield waiting
    oldest_s = 0.0 if backlog.oldest is None else max(0.0, (now - backlog.oldest).total_seconds())
    yield _gauge("mira_oldest_waiting_seconds", "How long the longest-waiting message waits.", oldest_s)
    yield _gauge("mira_open_turns", "Turns under way in all processes.", backlog.open_turns)
    yield _gauge("mira_channels_resting", "Channels that wait for the model.", backlog.channels_resting)


def _of_processes(processes: Iterable[Process]) -> Metric:
    counts: dict[tuple[str, str], int] = {}
    for process in processes:
        key = (process.name.role, "gone" if process.is_gone else str(process.state))
        counts[key] = counts.get(key, 0) + 1
    family = GaugeMetricFamily("mira_processes", "Processes, by role and state.", labels=["role", "state"])
    for key, count in counts.items():
        family.add_metric([*key], count)
    return family


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, words, value=value)


def _word(outcome: str) -> str:
    return outcome.replace(" ", "_").replace("-", "_")
