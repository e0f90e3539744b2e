"""The card for operators: what it says, to whom, and that Discord takes it whatever it has to say."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.service import (
    Backlog,
    LineState,
    ProcessName,
    ProcessState,
    ServiceView,
)
from cogs.presenters.status import MODE, STATE, status_card
from tests.cogs.overseen import ALL, BUSY, FAILURE, MODEL, VIEW
from tests.cogs.views import NOW, components_of, has_line, words_of_card

CALM = ServiceView(NOW, (ALL,), Backlog(timers=2), ())


def texts_in(components: object) -> list[str]:
    """Give all text of a card as it goes to Discord."""
    if isinstance(components, list):
        return [text for one in components for text in texts_in(one)]
    if not isinstance(components, dict):
        return []
    here = [components["content"]] if "content" in components else []
    return here + [text for value in components.values() if isinstance(value, list) for text in texts_in(value)]


def card_of(view: ServiceView, *, shows_places: bool = True, name: str = "Mira"):
    return status_card(view, name=name, colour=0x123456, shows_places=shows_places)


def test_everything_an_operator_needs_is_on_it():
    words = words_of_card(card_of(VIEW)).replace("\\", "")
    for part in (
        "How Mira runs",
        "Processes at work: 1 · turns under way: 1 · messages without an answer: 10",
        "2 direct · 3 on servers · 4 until the model is back · 1 in hand",
        f"The oldest came <t:{int(NOW.timestamp()) - 180}:R>",
        "Channels that wait for the model: 2",
        "5 parts to send · 1 of 6 timers overdue · 7 edits and deletes to follow",
        "8 feelings to live through · 9 jobs held",
        f"**Sweeps:** 17, the last <t:{int(NOW.timestamp())}:R>",
        "gpt-5.4 (openai, api.openai.com): normal",
        "**all** running · 3 in hand · 84 MB · gateway 41 ms · since <t:",
        "· host, pid 4711",
        "`0a1b2c3d` <t:",
        "ProviderError: the model gave no answer (timeout) · bot.engine.respond",
    ):
        assert part in words, part


def test_a_calm_day_takes_few_lines():
    words = words_of_card(card_of(CALM))
    assert "Nothing waits. Timers set: 2." in words
    assert "No failures are on record." in words
    assert "parts to send" not in words
    one_waits = replace(CALM, backlog=Backlog(direct=1, oldest=NOW))
    words = words_of_card(card_of(one_waits))
    assert "1 direct" in words and "parts to send" not in words


def test_machines_are_named_to_who_owns_them_only():
    words = words_of_card(card_of(VIEW, shows_places=False))
    assert "4711" not in words and "host" not in words.replace("jobs held", "")
    assert "api.openai.com" not in words and "gpt-5.4 (openai): normal" in words.replace("\\", "")


def test_servers_that_are_not_named_are_not_told_apart():
    other = replace(ALL, vitals=replace(ALL.vitals, model=replace(MODEL, host="10.0.0.7:8000")))
    card = card_of(replace(VIEW, processes=(ALL, other)), shows_places=False)
    assert words_of_card(card).count("**Model:**") == 1


def test_each_state_and_mode_has_words():
    assert set(STATE) == set(ProcessState)
    for mode, words in {"fall-back": "the second model answers", "down": "down", "sideways": "sideways"}.items():
        vitals = replace(ALL.vitals, model=replace(MODEL, mode=mode, fallback="n"))
        said = words_of_card(card_of(replace(VIEW, processes=(replace(ALL, vitals=vitals),))))
        assert f"{words}; second model: n" in said
    assert {"normal", "fall-back", "probing", "down"} == set(MODE)


def test_trouble_with_the_model_is_named():
    vitals = replace(ALL.vitals, model=replace(MODEL, mode="down", is_up=False, last_error="auth"))
    assert "down; last trouble: auth" in words_of_card(card_of(replace(VIEW, processes=(replace(ALL, vitals=vitals),))))


def test_a_gone_process_comes_first_and_counts_for_nothing():
    gone = replace(ALL, unseen_for=timedelta(seconds=16), name=replace(ALL.name, role="worker"))
    card = card_of(replace(VIEW, processes=(ALL, gone)))
    lines = [line for line in words_of_card(card).splitlines() if line.startswith(("**all**", "**worker**"))]
    assert lines[0].startswith("**worker** gone · last seen <t:") and len(lines) == 2
    assert "Processes at work: 1" in words_of_card(card)


def test_a_lost_gateway_and_its_shards_are_named():
    for line, words in {
        LineState(is_connected=False, shards="0-3/16"): "gateway not connected (shards 0-3/16)",
        LineState(is_connected=True): "gateway connected · since",
        LineState(is_connected=True, latency_ms=7.0, shards="2/16"): "gateway 7 ms (shards 2/16)",
    }.items():
        process = replace(ALL, vitals=replace(ALL.vitals, line=line))
        assert words in words_of_card(card_of(replace(VIEW, processes=(process,)))).replace("\\", "")


names = st.text("abc_*~`|>-.#<@:", min_size=1, max_size=80)
processes = st.builds(
    lambda host, role, state, unseen, mode, shards: replace(
        ALL,
        name=ProcessName("x", role, host, 2**31 - 1, "0.1.0"),
        state=state,
        unseen_for=timedelta(seconds=unseen),
        vitals=replace(
            ALL.vitals, model=replace(MODEL, mode=mode, name=host), line=LineState(is_connected=False, shards=shards)
        ),
    ),
    names,
    st.sampled_from(["all", "gateway", "worker"]),
    st.sampled_from(ProcessState),
    st.sampled_from([1.0, 60.0]),
    st.sampled_from([*MODE]),
    st.sampled_from(["", "10000-20000/99999"]),
)
failures = st.builds(lambda said, place: replace(FAILURE, said=(said * 9)[:200], place=place), names, names)


@given(
    st.lists(processes, max_size=40),
    st.lists(failures, max_size=15),
    st.booleans(),
    st.sampled_from([BUSY, Backlog()]),
)
def test_discord_takes_every_card(running, failed, shows_places, backlog):
    view = ServiceView(NOW, tuple(running), backlog, tuple(failed))
    card = card_of(view, shows_places=shows_places, name="_{name}_ **x** `y`")
    assert sum(map(len, texts_in(components_of(card)))) <= 4_000
    assert 1 <= len(card.sections) <= 4 and all(card.sections)


def test_twenty_processes_and_ten_failures_are_all_on_it():
    running = tuple(replace(ALL, name=replace(ALL.name, host=f"mira-worker-{n:02d}", role="worker")) for n in range(20))
    failed = tuple(replace(FAILURE, reference=f"{n:08x}") for n in range(10))
    card = card_of(replace(VIEW, processes=running, failures=failed))
    words = words_of_card(card).replace("\\", "")
    assert all(f"mira-worker-{n:02d}" in words for n in range(20))
    assert all(f"{n:08x}" in words for n in range(10))
    assert not has_line(card, lambda line: line.startswith("… and"))


def test_what_has_no_room_is_counted():
    failed = tuple(replace(FAILURE, said="*" * 200, reference=f"{n:08x}") for n in range(10))
    running = tuple(replace(ALL, name=replace(ALL.name, host="_" * 60)) for _ in range(20))
    card = card_of(replace(VIEW, processes=running, failures=failed))
    assert has_line(card, lambda line: line.startswith("… and") and line.endswith(" more"))


def test_files_of_the_companion_that_do_not_read_are_named():
    card = status_card(VIEW, name="Mira", colour=1, shows_places=False, trouble=("haven.md: rating", *"abcdef"))
    words = words_of_card(card)
    assert "haven.md: rating does not read" in words and words.count("does not read") == 3
    assert "does not read" not in words_of_card(status_card(VIEW, name="Mira", colour=1, shows_places=False))
