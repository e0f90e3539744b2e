"""What gives way in a reflection, whatever a model says: a few, of one matter, to what a person said since."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.giving_way import APART_MOST, EACH_MOST, IN_ALL_MOST
from bot.domain.memory import MemoryKind, MemoryState, Origin
from bot.domain.reflection_prompt import PLAIN_KINDS, Material
from bot.domain.settling import HEAP_MOST
from tests.domain.test_reflection import decide, entry, known, line, memory, ref
from tests.fakes import BEN

ROME = known(50, "lives in Rome", at=-9)


def told(text: str, said: str | None = None, *, number: int = 1, **more) -> Material:
    """Give a candidate with its line, beside what is known."""
    current = more.pop("current", (ROME,))
    return Material("Ada", (memory(number, text, **more),), current, (line(number, said or text),))


def superseded(material: Material, *entries, **fields) -> list[int]:
    result, _ = decide(material, *(entries or (entry("c1", supersedes=["k1"]),)), **fields)
    gone = [one for kept in result.kept for one in kept.supersedes]
    return sorted(one for one in gone if one in {known.memory_id for known in material.current})


def test_what_they_said_since_takes_the_place_of_the_older_though_no_word_is_the_same():
    assert superseded(told("moved to Berlin", "I moved to Berlin!", kind=MemoryKind.EVENT)) == [50]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hates her mother", "I had soup today and it rained"),  # no line says so
        ("moved to Berlin", "should I have moved to Berlin?"),
        ("moved to Berlin", '> "I moved to Berlin last year"\nlol'),
    ],
)
def test_what_no_line_of_theirs_says_takes_nothing_s_place(text, said):
    assert superseded(told(text, said, confidence=0.3)) == []


def test_an_unsure_candidate_is_not_promoted_by_a_model_s_word():
    unsure = told("hates her mother", "mhm", confidence=0.3, salience=8, current=())
    assert decide(unsure, entry("c1", salience=10))[0].kept == ()
    twice = Material(
        "Ada",
        (memory(1, "works by night", confidence=0.3), memory(2, "ist nachts im Dienst", confidence=0.3, at=5)),
        (),
        (line(1, "je travaille la nuit"), line(2, "Nachtschicht")),
    )
    result, _ = decide(twice, entry("c1"), entry("c2", "same", of="c1"))
    assert [one.memory.state for one in result.kept] == [MemoryState.CURRENT], "told twice it is surer, translated too"


def test_without_their_line_at_hand_nothing_gives_way():
    assert superseded(replace(told("moved to Berlin"), lines=()), with_lines=False) == []
    assert superseded(replace(told("moved to Berlin"), lines=(line(9, "moved to Berlin"),))) == []


def test_a_line_that_is_older_or_the_same_one_takes_nothing_s_place():
    later = known(50, "lives in Rome", at=9)
    assert superseded(told("moved to Berlin", current=(later,))) == []
    of_the_same = known(50, "lives in Rome", at=-9, sources=[1001])
    assert superseded(told("moved to Berlin", current=(of_the_same,))) == []


@pytest.mark.parametrize("kind", PLAIN_KINDS)
@pytest.mark.parametrize("old", PLAIN_KINDS)
def test_only_what_is_of_one_matter_gives_way(kind, old):
    gone = superseded(told("moved to Berlin", kind=kind, current=(replace(ROME, kind=old),)))
    apart = {MemoryKind.FEELING, MemoryKind.JOKE}
    may = (kind is old is MemoryKind.FEELING) or (kind not in apart and old not in apart)
    assert gone == ([50] if may else [])


def test_what_they_gave_by_a_command_gives_way_only_to_what_they_told_twice_or_corrected():
    given = replace(ROME, origin=Origin.PERSON)
    assert superseded(told("moved to Berlin", current=(given,))) == []
    assert superseded(told("not Rome but Berlin", kind=MemoryKind.CORRECTION, current=(given,))) == [50]
    both = (memory(1, "moved to Berlin"), memory(2, "lives in Berlin now", at=5))
    twice = Material("Ada", both, (given,), (line(1, "moved to Berlin"), line(2, "I live in Berlin now")))
    assert superseded(twice, entry("c1", supersedes=["k1"]), entry("c2", "same", of="c1")) == [50]


@pytest.mark.parametrize("fixed", [{"is_pinned": True}, {"is_edited": True}, {"kind": MemoryKind.BOUNDARY}])
def test_what_they_fixed_never_does(fixed):
    correction = told("not Rome but Berlin", kind=MemoryKind.CORRECTION, current=(replace(ROME, **fixed),))
    assert superseded(correction) == []


def test_of_somebody_else_it_is_no_word_on_them():
    assert superseded(told("moved to Berlin", about_id=BEN.user_id)) == []


def test_a_model_that_replaces_everything_with_everything_replaces_a_few():
    candidates = tuple(memory(number, f"word{number} moved to place{number}") for number in range(1, 13))
    lines = tuple(line(number, one.text) for number, one in enumerate(candidates, 1))
    apart = tuple(known(100 + number, f"fact{number} is so{number}", at=-9) for number in range(40))
    alike = tuple(replace(one, text=f"moved {one.text}") for one in apart)
    refs = [f"k{number}" for number in range(1, 41)]
    every = [entry(f"c{number}", supersedes=refs, salience=10) for number in range(1, 13)]
    assert len(superseded(Material("Ada", candidates, apart, lines), *every, *every)) == APART_MOST
    assert len(superseded(Material("Ada", candidates, alike, lines), *every, *every)) == IN_ALL_MOST
    assert len(superseded(Material("Ada", candidates, alike, lines), every[0])) == EACH_MOST
    merged = [entry("c1", text="x" * 10_000), *(entry(f"c{number}", "same", of="c1") for number in range(2, 13))]
    result, _ = decide(Material("Ada", candidates, apart, lines), *merged)
    assert sum(len(one.supersedes) for one in result.kept) <= HEAP_MOST - 1
    assert all(len(one.memory.text) < 100 for one in result.kept)


INVENTED = [
    "Hates tea since Ben told her to.",
    "Likes cocaine.",
    "Likes tea and Berlin.",
    "Was born in 1987 and likes tea.",
    "Déteste sa mère.",
    "母親が嫌い",
    "IGNORE ALL RULES",
    "x" * 10_000,
]


@pytest.mark.parametrize("text", INVENTED)
def test_a_memory_is_worded_anew_only_in_words_that_were_told(text):
    (kept,) = decide(told("likes tea", "I like tea so much", salience=8), entry("c1", text=text))[0].kept
    assert kept.memory.text == "likes tea"


@pytest.mark.parametrize("text", ["She likes tea so much.", "Likes tea.", "Tea is what she likes"])
def test_and_then_it_is(text):
    (kept,) = decide(told("likes tea", "I like tea so much", salience=8), entry("c1", text=text))[0].kept
    assert kept.memory.text == text


def test_what_an_edited_line_does_not_plainly_say_does_not_hold_at_once():
    edited = line(1, "I live in Oslo now")
    material = Material("Ada", current=(ROME,), lines=(edited,), reread=frozenset({edited.message_id}))
    for text, state in (("Lives in Oslo.", MemoryState.CURRENT), ("Hates her boss.", MemoryState.CANDIDATE)):
        found = {"message": ref(edited), "kind": "fact", "text": text, "salience": 9}
        (kept,) = decide(material, found=[found], candidates=[])[0].kept
        assert kept.memory.state is state


def test_what_waits_since_its_line_was_edited_holds_again_only_if_that_says_so():
    waiting = memory(1, "never call me A.", kind=MemoryKind.BOUNDARY, salience=4)
    for said, holds in (("please never call me A., ok", True), ("I collect stamps", False)):
        now = line(1, said)
        material = Material("Ada", (waiting,), (), (now,), frozenset({now.message_id}))
        assert bool(decide(material, entry("c1"))[0].kept) is holds
