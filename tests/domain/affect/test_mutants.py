"""The mutation run itself: what it changes, and that docs/affect-mutants.md speaks of mutants that exist."""

from __future__ import annotations

import ast
from collections import Counter

import pytest

from tests.mutants.__main__ import change_of, chosen, proven
from tests.mutants.sites import mutants_of, mutated
from tests.mutants.trial import AFFECT, ROOT

PATHS = sorted((ROOT / AFFECT).glob("*.py"))
MUTANTS = [mutant for path in PATHS for mutant in mutants_of(path)]


def test_every_module_with_a_number_is_mutated_and_every_mutant_has_a_name_of_its_own():
    assert len(MUTANTS) > 1000
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)
    assert {path.stem for path in PATHS} - {mutant.module for mutant in MUTANTS} == {"__init__", "trait_styles"}


def test_proofs_are_about_mutants_that_exist():
    changes = {mutant.name: change_of(mutant) for mutant in MUTANTS}
    assert proven()
    assert {name: changes.get(name) for name in proven()} == proven()


def test_a_sample_is_spread_over_all_modules():
    sample = chosen(MUTANTS, (), 6)
    assert len(sample) == len(range(0, len(MUTANTS), 6))
    large = {module for module, count in Counter(mutant.module for mutant in MUTANTS).items() if count >= 6}
    assert large <= {mutant.module for mutant in sample}
    assert {mutant.module for mutant in chosen(MUTANTS, ["burst"], 1)} == {"burst"}


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("x = 2.0", ["x = 2.2"]),
        ("x = 0.0", ["x = 0.001"]),
        ("x = 3", ["x = 4"]),
        ("x = -y", ["x = y"]),
        ("x = y * z", ["x = y / z"]),
        ("x += y", ["x -= y"]),
        ("x = y < z", ["x = y <= z", "x = y > z"]),
        ("x = y is z", ["x = y is not z"]),
        ("x = y and z", ["x = y or z"]),
        ("x = not y", ["x = y"]),
        ("x = y if z else w", ["x = y if not z else w"]),
        ("x = max(y, z)", ["x = min(y, z)", "x = z", "x = y"]),
        ("x = clip(y, z, w)", ["x = y", "x = min(y, w)", "x = max(y, z)"]),
        ("x: tuple[3] = y", []),
        ("@f(1)\ndef g(y: 'a' = z) -> h[2]:\n    return y", []),
        ("x = zip(y, strict=True)", []),
    ],
)
def test_what_is_changed(tmp_path, code, changes):
    path = tmp_path / "some.py"
    path.write_text(code, encoding="utf-8")
    assert [ast.unparse(mutated(code, mutant)) for mutant in mutants_of(path)] == changes
