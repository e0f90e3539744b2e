"""Lock files, container image, compose file and licence fit together."""

from __future__ import annotations

import json
import os
import re
from pathlib import PurePosixPath

import pytest
import yaml

import bot
from tests.docs.project import ROOT, project, read

LOCKS = ("requirements.lock", "requirements-dev.lock")
PINNED = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]+\])?==(?P<version>[^ ;]+)(?: ; (?P<marker>.+))?")
SHA256 = re.compile(r"--hash=sha256:[0-9a-f]{64}")
NAME = re.compile(r"[A-Za-z0-9._-]+")
DRAIN_S = 20  # what SIGTERM is promised to take at most


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def entries(lock: str) -> list[str]:
    """Give the entries of a lock file, each on one line."""
    return [line for line in read(lock).replace("\\\n", " ").splitlines() if line and not line.startswith("#")]


def locked(lock: str) -> set[tuple[str, str]]:
    found = (PINNED.match(entry) for entry in entries(lock))
    return {(canonical(each["name"]), each["version"]) for each in found if each}


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_holds_no_address(lock: str):
    assert "://" not in read(lock)
    assert not re.search(r"^\s*(-i|-f|--index|--extra-index|--find-links|-e)\b", read(lock), re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_pins_every_package_with_hashes(lock: str):
    for entry in entries(lock):
        head, *hashes = entry.split(" --hash=")
        assert PINNED.fullmatch(head.strip()), head
        assert hashes, head
        assert all(SHA256.fullmatch(f"--hash={each.strip()}") for each in hashes), head


def wanted(group: str) -> list[str]:
    lines: list[str] = []
    for line in project()["dependency-groups"][group]:
        lines += wanted(line["include-group"]) if isinstance(line, dict) else [line]
    return lines


@pytest.mark.parametrize(
    ("lock", "groups"), [("requirements.lock", ["build"]), ("requirements-dev.lock", ["build", "dev"])]
)
def test_lock_holds_every_dependency_in_the_version_asked_for(lock: str, groups: list[str]):
    pins = locked(lock)
    names = {name for name, _ in pins}
    for line in [*project()["project"]["dependencies"], *(each for group in groups for each in wanted(group))]:
        name = canonical(NAME.match(line).group())  # type: ignore[union-attr]
        assert name in names, f"{lock} lacks {line}; run make lock"
        if "==" in line:
            assert (name, line.split("==")[1]) in pins, f"{lock} has another version than {line}; run make lock"


def test_development_lock_changes_no_version_of_the_runtime_lock():
    assert locked("requirements.lock") <= locked("requirements-dev.lock")


def test_version_is_the_same_everywhere():
    assert project()["project"]["version"] == bot.__version__


def test_build_backend_is_in_the_lock():
    for line in project()["build-system"]["requires"]:
        name, _, version = line.partition("==")
        assert (name, version) in locked("requirements.lock")


def instructions() -> list[tuple[str, str]]:
    text = re.sub(r"\\\n\s*", " ", re.sub(r"^#.*\n", "", read("Dockerfile"), flags=re.MULTILINE))
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1]) for line in text.splitlines() if line]


def last_stage() -> list[tuple[str, str]]:
    found = instructions()
    start = max(index for index, (word, _) in enumerate(found) if word == "FROM")
    return found[start:]


def test_image_copies_only_what_exists_and_is_let_through():
    ignored = read(".dockerignore").splitlines()
    for word, rest in instructions():
        if word == "COPY" and "--from" not in rest:
            for source in rest.split()[:-1]:
                assert (ROOT / source).exists(), source
                assert f"!{PurePosixPath(source)}" in ignored, f".dockerignore keeps {source} out"


def test_image_holds_every_package_of_the_wheel():
    copied = " ".join(rest for word, rest in instructions() if word == "COPY").split()
    for package in project()["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]:
        assert f"{package}/" in copied


def test_image_runs_as_a_normal_user_and_keeps_data_in_a_volume():
    words = dict(last_stage())
    assert words["USER"] not in ("root", "0")
    assert json.loads(words["VOLUME"]) == ["/data"]
    assert "MIRA_DATA_DIR=/data" in words["ENV"]
    assert words["STOPSIGNAL"] == "SIGTERM"
    assert json.loads(words["ENTRYPOINT"]) == ["mira"]
    assert json.loads(words["CMD"]) == ["run"]


def test_image_asks_its_own_status_port():
    words = dict(last_stage())
    command = json.loads(words["HEALTHCHECK"].split(" CMD ")[1])
    assert command[0] == "python"
    compile(command[2], "healthcheck", "exec")
    assert "/healthz" in command[2]
    assert "MIRA_STATUS_PORT=" in words["ENV"]


def test_image_has_certificates_and_installs_by_hash():
    text = read("Dockerfile")
    assert "ca-certificates" in text
    assert "--require-hashes" in text
    assert "--no-build-isolation" in text


def test_image_and_compose_hold_no_secret():
    for name in ("Dockerfile", "compose.yaml", ".env.example"):
        assert not re.search(r"(TOKEN|API_KEY|PASSWORD)(=|: )[^\s$]", read(name)), name


def services() -> dict[str, dict[str, object]]:
    found = yaml.safe_load(read("compose.yaml"))["services"]
    assert isinstance(found, dict)
    return found


def test_compose_has_one_bot_that_starts_without_a_profile():
    mine = [name for name, service in services().items() if "build" in service]
    assert mine == ["mira"]
    assert "profiles" not in services()["mira"]


def test_compose_gives_time_to_drain_and_keeps_data():
    mira = services()["mira"]
    assert int(str(mira["stop_grace_period"]).removesuffix("s")) > DRAIN_S
    assert mira["volumes"] == ["mira-data:/data"]
    assert "mira-data" in yaml.safe_load(read("compose.yaml"))["volumes"]


def test_compose_offers_an_external_postgres_with_pgvector():
    postgres = services()["postgres"]
    assert postgres["profiles"] == ["external"]
    assert str(postgres["image"]).startswith("pgvector/pgvector:pg18")
    waits = services()["mira"]["depends_on"]
    assert waits == {"postgres": {"condition": "service_healthy", "required": False}}


def test_licence_is_mit():
    text = read("LICENSE")
    assert text.startswith("MIT License")
    assert "Mira contributors" in text


@pytest.mark.skipif(os.name == "nt", reason="Windows knows no executable bit")
@pytest.mark.parametrize("name", ["run", "venv", "chromium", "lock"])
def test_scripts_can_be_run_and_stop_at_the_first_failure(name: str):
    assert os.access(ROOT / ".ci" / name, os.X_OK)
    assert "\nset -eu\n" in read(f".ci/{name}")


def test_readme_says_the_two_commands_and_what_she_is():
    text = read("README.md")
    assert text.index("make playground") < text.index("make test") < text.index("DISCORD_TOKEN")
    assert "AI program" in text
