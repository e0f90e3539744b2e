"""The figures as Prometheus reads them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.adapters.metrics import MODELS_MOST, PrometheusMeter
from bot.domain.service import (
    Backlog,
    LineState,
    ModelState,
    Process,
    ProcessName,
    ProcessState,
    ServiceView,
    Vitals,
)
from tests.fakes import START, finished

NAME = ProcessName("host-1-aa", "worker", "host", 1, "0.1.0")
MODEL = ModelState("m", "openai", "example.org", "probing", is_up=False)
VITALS = Vitals(2, 7, START - timedelta(seconds=3), 9_000_000, 250.0, MODEL, LineState(False, 40.0, "0-3/16"))
BACKLOG = Backlog(direct=4, unsent=1, open_turns=3, oldest=START - timedelta(minutes=1))


def view_of(*processes: Process, backlog: Backlog = BACKLOG) -> ServiceView:
    return ServiceView(START, processes, backlog, ())


def process(role: str = "worker", unseen_s: float = 1.0) -> Process:
    name = ProcessName(f"h-{role}-{unseen_s}", role, "h", 1, "0.1.0")
    return Process(name, ProcessState.RUNNING, START, START, timedelta(seconds=unseen_s))


def read(meter: PrometheusMeter, vitals: Vitals = VITALS, view: ServiceView | None = None) -> dict[str, float]:
    """Give each sample as a parser sees it, under its name and labels."""
    text, content_type = meter.exposition(vitals, view, now=START)
    assert content_type.startswith("text/plain; version=0.0.4")
    found = {}
    for family in text_string_to_metric_families(text.decode()):
        for sample in family.samples:
            labels = ",".join(f"{key}={value}" for key, value in sorted(sample.labels.items()))
            key = f"{sample.name}{{{labels}}}" if labels else sample.name
            assert key not in found, key
            found[key] = sample.value
    return found


@pytest.fixture
def meter() -> PrometheusMeter:
    return PrometheusMeter(NAME)


def test_what_happens_is_counted(meter: PrometheusMeter):
    meter.heard(is_new=True)
    meter.heard(is_new=False)
    meter.turn("reply", {"gathered": 5.0, "first words": 900.0, "sent": 3_000.0})
    meter.turn("waits for the model", {"gathered": 5.0})
    meter.model_call("whole", timedelta(seconds=2), finished({}, model="m", tokens_cached=60))
    meter.model_call("rate_limit", timedelta(seconds=9), None)
    for outcome in ("sent", "sent", "not yet", "refused"):
        meter.part(outcome)
    meter.recovered()
    meter.failed("StoreError")
    found = read(meter)
    assert found["mira_messages_heard_total{news=new}"] == 1
    assert found["mira_messages_heard_total{news=known}"] == 1
    assert found["mira_turns_total{outcome=reply}"] == 1
    assert found["mira_turns_total{outcome=waits_for_the_model}"] == 1
    assert found["mira_turn_seconds_bucket{le=1.0,mark=first_words}"] == 1
    assert found["mira_turn_seconds_bucket{le=2.0,mark=sent}"] == 0
    assert found["mira_turn_seconds_sum{mark=sent}"] == 3.0
    assert found["mira_model_calls_total{model=m,outcome=whole}"] == 1
    assert found["mira_model_calls_total{model=,outcome=rate_limit}"] == 1
    assert found["mira_model_call_seconds_count"] == 2
    assert found["mira_model_tokens_total{kind=in,model=m}"] == 100
    assert found["mira_model_tokens_total{kind=cached,model=m}"] == 60
    assert found["mira_parts_total{outcome=sent}"] == 2
    assert found["mira_parts_total{outcome=not_yet}"] == 1
    assert found["mira_recoveries_total"] == 1
    assert found["mira_failures_total{family=StoreError}"] == 1
    assert found["mira_build_info{role=worker,version=0.1.0}"] == 1


def test_how_the_process_does_is_told(meter: PrometheusMeter):
    found = read(meter)
    assert found["mira_turns_under_way"] == 2
    assert found["mira_sweeps_total"] == 7
    assert found["mira_last_sweep_age_seconds"] == 3
    assert found["mira_memory_bytes"] == 9_000_000
    assert found["mira_event_loop_lag_seconds"] == 0.25
    assert found["mira_model_up"] == 0
    assert {mode: found[f"mira_model_mode{{mode={mode}}}"] for mode in ("normal", "fall-back", "probing", "down")} == {
        "normal": 0,
        "fall-back": 0,
        "probing": 1,
        "down": 0,
    }
    assert found["mira_gateway_connected"] == 0
    assert found["mira_gateway_latency_seconds"] == 0.04


def test_what_a_process_has_not_got_is_left_out(meter: PrometheusMeter):
    found = read(meter, Vitals())
    for name in ("mira_gateway_connected", "mira_model_up", "mira_last_sweep_age_seconds", "mira_open_turns"):
        assert name not in found


def test_what_waits_and_who_runs_is_told(meter: PrometheusMeter):
    found = read(meter, view=view_of(process(), process(), process("gateway", 60.0)))
    assert found["mira_backlog{kind=direct}"] == 4
    assert found["mira_backlog{kind=unsent}"] == 1
    assert found["mira_backlog{kind=for_model}"] == 0
    assert found["mira_oldest_waiting_seconds"] == 60
    assert found["mira_open_turns"] == 3
    assert found["mira_processes{role=worker,state=running}"] == 2
    assert found["mira_processes{role=gateway,state=gone}"] == 1
    assert read(meter, view=view_of(backlog=Backlog()))["mira_oldest_waiting_seconds"] == 0


def test_names_that_a_server_makes_up_do_not_grow_without_end(meter: PrometheusMeter):
    for number in range(3 * MODELS_MOST):
        meter.model_call("whole", timedelta(0), finished({}, model=f"m{number}"))
    models = [key for key in read(meter) if key.startswith("mira_model_calls_total")]
    assert len(models) == MODELS_MOST + 1
    assert read(meter)["mira_model_calls_total{model=other,outcome=whole}"] == 2 * MODELS_MOST


def test_two_meters_share_nothing(meter: PrometheusMeter):
    meter.recovered()
    assert read(PrometheusMeter(NAME))["mira_recoveries_total"] == 0
