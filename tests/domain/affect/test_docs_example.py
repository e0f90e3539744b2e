"""The account of the model in docs/affect.md: its example runs, and its table has every emotion."""

from __future__ import annotations

import re
from pathlib import Path

from bot.domain.affect.emotions import NAMES
from bot.domain.affect.evaluation import Trial
from bot.domain.affect.inner_events import DRIVEN

PAGE = (Path(__file__).parents[3] / "docs" / "affect.md").read_text(encoding="utf-8")


def test_the_example_runs_and_tells_what_it_says(capsys):
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    names: dict[str, object] = {}
    exec(compile(example, "docs/affect.md", "exec"), names)
    trial = names["trial"]
    assert isinstance(trial, Trial)
    assert len(trial.drifts) == 7
    assert trial.sentiments("ann")["trust"] < 0 < trial.sentiments("ann")["familiarity"]
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 5
    assert min(float(level) for level in (*printed[0].split(), printed[1])) > 0.1


def test_every_emotion_has_its_driver_in_the_table():
    rows = dict(re.findall(r"^\| (\w+) \| (?:lite|rich) \| (.+) \|$", PAGE, flags=re.MULTILINE))
    assert tuple(rows) == NAMES["rich"]
    for event, emotion in DRIVEN.items():
        assert rows[emotion] == f"inner event `{event.value}`"
