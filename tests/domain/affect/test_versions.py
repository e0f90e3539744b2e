"""Events replay with the version they were made with; what a version gives never changes."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import bot.domain
from bot.domain.affect.appraisal import Appraisal
from bot.domain.affect.burst import Heard
from bot.domain.affect.constants import CONSTANTS_VERSION
from bot.domain.affect.inner_events import InnerEvent
from bot.domain.affect.personality import Ocean
from bot.domain.affect.relationship import Stage
from bot.domain.affect.sentiments import Sentiment
from bot.domain.affect.state import PersonState, SoulState
from bot.domain.affect.timeline import Nature
from bot.domain.affect.versions import CURRENT, MODELS, Model, UnknownModelVersion, frozen, model_of
from bot.errors import CompanionError
from tests.domain.affect.golden import path_of, record
from tests.domain.affect.states import furthest

ROOT = Path(__file__).parents[3]
MIRA = Ocean(0.6, 0.15, 0.35, 0.3, 0.1)
PRAISE = Appraisal(desirability=2, praiseworthiness=2, warmth=3, trust_signal=1, confidence=0.9)
INSULT = Appraisal(desirability=-2, praiseworthiness=-3, warmth=-3, respect=-2, confidence=0.9)


@pytest.mark.parametrize("version", MODELS)
def test_a_version_gives_what_it_always_gave(version):
    written = json.loads(path_of(version).read_text(encoding="utf-8"))
    given = record(MODELS[version])
    assert given.keys() == written.keys()
    for name, snapshots in written.items():
        assert len(given[name]) == len(snapshots)
        for number, (now, then) in enumerate(zip(given[name], snapshots, strict=True)):
            words = [[value for value in row if isinstance(value, str)] for row in (now, then)]
            assert words[0] == words[1], f"{name}, snapshot {number}"
            mine, theirs = ([value for value in row if not isinstance(value, str)] for row in (now, then))
            assert mine == pytest.approx(theirs, rel=1e-9, abs=1e-12), f"{name}, snapshot {number}"


def test_the_current_model_goes_by_the_number_that_events_are_stored_with():
    assert CURRENT.version == CONSTANTS_VERSION
    assert model_of(CONSTANTS_VERSION) is MODELS[CONSTANTS_VERSION] is CURRENT
    assert all(version == model.version for version, model in MODELS.items())
    assert set(MODELS) == set(range(1, CONSTANTS_VERSION + 1))


@pytest.mark.parametrize("version", [0, -1, CONSTANTS_VERSION + 1])
def test_an_unknown_version_is_a_clear_error(version):
    with pytest.raises(UnknownModelVersion, match=rf"no affect model has version {version}; there are 1") as raised:
        model_of(version)
    assert raised.value.version == version
    assert isinstance(raised.value, CompanionError)
    assert isinstance(raised.value, LookupError)


def documented_steps() -> list[str]:
    """Give the commands of each step of "Changing a number"."""
    page = (ROOT / "docs" / "affect.md").read_text(encoding="utf-8")
    _, section = page.split("## Changing a number\n")
    return re.findall(r"```sh\n(.*?)```", section.split("\n## ")[0], flags=re.DOTALL)


def copied(folder: str, to: Path) -> None:
    """Copy a folder of the repository."""
    shutil.copytree(ROOT / folder, to / folder, ignore=shutil.ignore_patterns("__pycache__"))


def run_in(folder: Path, *command: str, given: str = "") -> str:
    """Run a command in a copy of the repository, with this Python as "python"; give what it printed."""
    paths = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(folder)}
    done = subprocess.run(
        command, input=given, text=True, cwd=folder, timeout=120, capture_output=True, env={**os.environ, **paths}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_documented_steps_for_changing_a_number_make_a_program_that_knows_both_versions(tmp_path):
    for folder in ("bot", "tests/domain/affect"):
        copied(folder, tmp_path)
    freeze, *others = documented_steps()
    assert len(others) == 3
    run_in(tmp_path, "sh", "-e", given=freeze)
    _change(
        tmp_path / "bot/domain/affect/sentiments.py", 'SentimentRule("trust", 0.015,', 'SentimentRule("trust", 0.030,'
    )
    for commands in others:
        run_in(tmp_path, "sh", "-e", given=commands)
    assert not list((tmp_path / "bot").rglob("*.old"))
    code = """
import json
from bot.domain.affect.versions import CURRENT, MODELS, model_of
from tests.domain.affect.golden import record
print(json.dumps([sorted(MODELS), CURRENT.version, record(model_of(1)), record(model_of(2))]))
"""
    known, current, old, new = json.loads(run_in(tmp_path, "python", "-c", code))
    assert (known, current) == ([1, 2], 2)
    assert old == record(model_of(1))
    written = tmp_path / "tests/domain/affect/golden_values"
    assert json.loads((written / "v2.json").read_text(encoding="utf-8")) == new != old
    assert (written / "v1.json").read_bytes() == path_of(1).read_bytes()


@pytest.fixture
def other(tmp_path, monkeypatch) -> Model:
    """Freeze the model as docs/affect.md says, and change one gain in the copy."""
    copied("bot/domain/affect", tmp_path)
    run_in(tmp_path, "sh", "-e", given=documented_steps()[0])
    copy = tmp_path / "bot/domain/affect_v1"
    _change(copy / "sentiments.py", 'SentimentRule("trust", 0.015,', 'SentimentRule("trust", 0.030,')
    _change(copy / "constants.py", f"CONSTANTS_VERSION = {CONSTANTS_VERSION}", "CONSTANTS_VERSION = 7")
    monkeypatch.setattr(bot.domain, "__path__", [*bot.domain.__path__, str(tmp_path / "bot/domain")])
    return frozen("bot.domain.affect_v1")


def _change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def replayed(models, events):
    """Replay events, each by the version it was made with; give the trust that each one earned."""
    soul, people, steps = CURRENT.new_soul("rich", MIRA), {}, []
    for version, hours, said in events:
        model = model_of(version, models)
        soul, people, _ = model.live(soul, people, hours)
        before = people["ann"].trust.value if people else 0.0
        soul, people = model.apply_burst(soul, people, [Heard("ann", said)])
        steps.append(people["ann"].trust.value - before)
    return soul, people, steps


def test_old_events_replay_with_the_old_numbers_and_new_ones_with_the_new(other):
    models = {**MODELS, other.version: other}
    old, new = CONSTANTS_VERSION, other.version
    _, _, both_old = replayed(models, [(old, 0.0, PRAISE), (old, 30.0, PRAISE)])
    _, _, mixed = replayed(models, [(old, 0.0, PRAISE), (new, 30.0, PRAISE)])
    _, _, both_new = replayed(models, [(new, 0.0, PRAISE), (new, 30.0, PRAISE)])
    assert mixed[0] == both_old[0]
    assert mixed[1] > 1.5 * both_old[1]
    assert both_new[0] > 1.5 * both_old[0]
    with pytest.raises(UnknownModelVersion):
        replayed(MODELS, [(new, 0.0, PRAISE)])


def test_a_frozen_copy_that_changes_nothing_gives_the_same_states_with_the_same_types(other):
    soul = CURRENT.new_soul("rich", MIRA, day_h=20.0)
    # A trust that is full cannot gain, so the changed gain shows nowhere.
    ann = replace(CURRENT.new_person("rich"), trust=Sentiment(0.5, 0.3, 0.06), stage=Stage.HOSTILE, bond="sibling")
    runs = []
    for model in (CURRENT, other):
        born, people, drifts = model.live(soul, {"ann": ann, 7: ann}, 50.0)
        born, people = model.apply_burst(born, people, [Heard("ann", INSULT), Heard(9, INSULT, 0.4)], leak=0.1)
        born = model.apply_inner_event(born, InnerEvent.NEED, 0.5)
        born, people["ann"] = model.advance(born, 1.5), model.advance_person(people["ann"], born, 1.5)
        start = datetime(2025, 1, 1, tzinfo=UTC)
        natures = [Nature(start, MIRA), Nature(start + timedelta(days=1), Ocean(neuroticism=0.5))]
        people[7] = model.person_until(people[7], born, natures, start=start, end=start + timedelta(days=2))
        lite = model.soul_in_tier(born, "lite"), model.person_in_tier(people["ann"], "lite")
        fresh = model.new_soul("lite", MIRA, is_drift_frozen=True), model.new_person("lite")
        runs.append((born, people, drifts, lite, fresh, model.felt(born, people["ann"], leak=0.1)))
    mine, theirs = runs
    assert theirs == mine
    assert theirs[1]["ann"].bond == "sibling"
    assert {type(theirs[0]), type(theirs[1]["ann"]), type(theirs[1]["ann"].stage)} == {SoulState, PersonState, Stage}
    assert type(theirs[0].ocean) is Ocean
    assert furthest(theirs[0], mine[0]) == 0.0
