"""Documents point at things that exist, and name no machine and no registry."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.project import DOCS, ROOT, TEXT, files

LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|srcset)=\"([^\"]+)\"")
PAGES = sorted(path.relative_to(ROOT) for path in files(".md") if path.parent in (ROOT, DOCS, DOCS / "decisions"))
# spelt in pieces, or this file would be the one that names them
REGISTRIES = ("py" + "pi.org", "python" + "hosted", "np" + "mjs.", "crates" + ".io")
MACHINE = re.compile(r"(?<![\w.])/(?:home/(?!mira\b)\w+|Users/\w+|ro{2}t/\w+|wo{1}rk/\w+|tmp/w/)")


def anchor(heading: str) -> str:
    kept = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return kept.replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_resolve(page: Path):
    text = (ROOT / page).read_text(encoding="utf-8")
    for found in LINK.finditer(text):
        target = found.group(1) or found.group(2)
        if target.startswith(("https://", "http://")):
            continue
        name, _, heading = target.partition("#")
        place = (ROOT / page).parent / name if name else ROOT / page
        assert place.exists(), f"{page} points at {target}"
        if heading:
            headings = re.findall(r"^#+ (.+)$", place.read_text(encoding="utf-8"), re.MULTILINE)
            assert heading in map(anchor, headings), f"{page} points at {target}"


def test_every_document_can_be_reached_from_the_readme():
    seen: set[Path] = set()
    stack = [ROOT / "README.md"]
    while stack:
        page = stack.pop().resolve()
        if page in seen:
            continue
        seen.add(page)
        if page.is_dir():
            stack += page.glob("*.md")
        elif page.suffix == ".md":
            links = [found.group(1) or found.group(2) for found in LINK.finditer(page.read_text(encoding="utf-8"))]
            stack += [page.parent / link.partition("#")[0] for link in links if "://" not in link]
    missing = [page for page in PAGES if (ROOT / page).resolve() not in seen]
    assert not missing


def test_no_file_names_a_registry_or_a_path_of_somebodys_machine():
    for path in files(*TEXT):
        text = path.read_text(encoding="utf-8", errors="ignore")
        for host in REGISTRIES:
            assert host not in text, f"{path} names {host}"
        found = MACHINE.search(text)
        assert found is None, f"{path} names {found.group() if found else ''}"
