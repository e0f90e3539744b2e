"""Tries one mutant: the affect tests in a process of its own, with one module replaced as it is imported."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import os
import resource
import shutil
import sys
from collections.abc import Iterable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import hypothesis
import pytest

from tests.mutants.sites import Mutant, mutated

ROOT = Path(__file__).parents[2]
PACKAGE = "bot.domain.affect"
AFFECT = Path(*PACKAGE.split("."))
COPIED = ("bot/__init__.py", "bot/errors.py", "bot/domain", "tests/domain/affect", "tests/domain/test_appraisal.py")
COPIED_TEXT = ("docs/affect.md",)
HOME = Path("tests/domain/affect")
# Most mutants die by the numbers that are written down, or by what knows their module best; only then come the rest.
QUICK = HOME / "test_versions.py"
BEST = {
    "appraisal": Path("tests/domain/test_appraisal.py"),
    "emotions": HOME / "test_tables.py",
    "habituation": HOME / "test_tables.py",
    "mood": HOME / "test_tables.py",
    "personality": HOME / "test_tables.py",
    "presets": HOME / "test_tables.py",
    "relationship": HOME / "test_tables.py",
    "timeline": HOME / "test_timeline.py",
    "traits": HOME / "test_tables.py",
}
REST = (
    HOME / "test_tables.py",
    HOME / "test_edges.py",
    HOME / "test_timeline.py",
    HOME / "test_golden.py",
    HOME / "test_time_invariants.py",
    HOME / "test_event_invariants.py",
    HOME / "test_scenarios.py",
    HOME / "test_docs_example.py",
    Path("tests/domain/test_appraisal.py"),
)
OPTIONS = (
    "-x", "-q", "--noconftest", "--tb=no", "--assert=plain", "-p", "no:cacheprovider", "-p", "_hypothesis_pytestplugin",
)  # fmt: skip
PROFILE = "mutants"
NOT_THE_COPY = 9
SURVIVED, KILLED = 0, (1, 2)  # pytest's exit codes: all passed; a test failed, or could not even be collected


class Replacement(MetaPathFinder, Loader):
    """Gives one module the code of its mutant."""

    def __init__(self, module: str, tree: ast.Module) -> None:
        self.module = module
        self.code = compile(tree, f"{module} (mutant)", "exec")

    def find_spec(self, name: str, path: object, target: ModuleType | None = None) -> ModuleSpec | None:
        return importlib.util.spec_from_loader(name, self) if name == self.module else None

    def exec_module(self, module: ModuleType) -> None:
        exec(self.code, module.__dict__)


class FirstFailure:
    """Remembers the first test that failed."""

    def __init__(self) -> None:
        self.name = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.note(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self.note(report)

    def note(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if report.failed and not self.name:
            self.name = report.nodeid


def take_snapshot(to: Path) -> None:
    """Copy the model and its tests, so that edits meanwhile change nothing; nothing is ever mutated in place."""
    for name in (*COPIED, *COPIED_TEXT):
        source, target = ROOT / name, to / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    (to / "pytest.ini").write_text("[pytest]\naddopts = --import-mode=importlib\npythonpath = .\n")


def start(snapshot: Path, mutant: Mutant | None, verdict: Path, cpu_s: int = 0) -> int:
    """Fork a process that runs the tests against *mutant*, or against nothing changed; gives its id.

    The process ends with pytest's exit code and leaves the first test that failed in *verdict*. One that uses more
    than *cpu_s* of a processor, if given, ends by SIGXCPU: waiting for others' work is no hanging.
    """
    pid = os.fork()
    if pid:
        return pid
    code = 3
    try:
        if cpu_s:
            resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 5))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        code = _run(snapshot, mutant, verdict)
    finally:
        os._exit(code)


def _run(snapshot: Path, mutant: Mutant | None, verdict: Path) -> int:
    os.chdir(snapshot)
    silent = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(silent, stream)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    sys.path[:] = [str(snapshot), *(entry for entry in sys.path if entry and Path(entry).resolve() != ROOT)]
    for name in [name for name in sys.modules if name.split(".")[0] in ("bot", "tests")]:
        del sys.modules[name]
    if mutant is not None:
        source = (snapshot / AFFECT / f"{mutant.module}.py").read_text(encoding="utf-8")
        sys.meta_path.insert(0, Replacement(f"{PACKAGE}.{mutant.module}", mutated(source, mutant)))
    # A machine that is busy must not kill a mutant.
    hypothesis.settings.register_profile(
        PROFILE,
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
        suppress_health_check=[hypothesis.HealthCheck.too_slow],
        deadline=None,
        database=None,
        derandomize=True,
    )
    if not (importlib.import_module("bot").__file__ or "").startswith(str(snapshot)):
        verdict.write_text("the model was imported from outside the copy", encoding="utf-8")
        return NOT_THE_COPY
    failure = FirstFailure()
    code = SURVIVED
    for tests in _sessions(mutant):
        arguments = [*OPTIONS, f"--hypothesis-profile={PROFILE}", *tests]
        code = int(pytest.main(arguments, plugins=[failure])) if code == SURVIVED else code
    verdict.write_text(failure.name, encoding="utf-8")
    return code


def _sessions(mutant: Mutant | None) -> Iterable[Sequence[str]]:
    """Give the tests in the order to run them: two small runs save collecting all for most mutants."""
    first = (QUICK, BEST[mutant.module]) if mutant and mutant.module in BEST else (QUICK,)
    return [str(path) for path in first], [str(path) for path in REST if path not in first]
