"""Reflection's rules: what a model may bring about, and what junk and poison may not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.ids import MemoryId, MessageId, short_code
from bot.domain.memory import Memory, MemoryKind, MemoryState, Origin, Refusal
from bot.domain.message import Audience, AudienceKind, Message, Speaker
from bot.domain.portrait import PORTRAIT_MOST, read_portrait
from bot.domain.reflection import Gatekeeper, is_readable
from bot.domain.reflection_prompt import (
    REFLECTION_SCHEMA,
    Material,
    codes_of,
)
from bot.domain.settling import read_memories
from tests.fakes import ADA, BEN, DM, START

ADAS = Audience(AudienceKind.PERSON, int(ADA.user_id))
SECRET_WORD = "canary"


def line(number: int, text: str, *, author=ADA, day: int = 0, **more) -> Message:
    return Message(MessageId(1000 + number), DM, author, text, START + timedelta(days=day), **more)


def memory(number: int, text: str, *, state=MemoryState.CANDIDATE, at=0.0, sources=None, **more) -> Memory:
    facts = {
        "memory_id": MemoryId(number),
        "owner_id": ADA.user_id,
        "kind": MemoryKind.FACT,
        "text": text,
        "audience": ADAS,
        "sources": (MessageId(1000 + number),) if sources is None else tuple(map(MessageId, sources)),
        "salience": 4,
        "confidence": 0.6,
        "said_at": START + timedelta(hours=at),
        "origin": Origin.TALK,
        "state": state,
        "created_at": START,
    }
    return Memory(**(facts | more))


def known(number: int, text: str, **more) -> Memory:
    return memory(number, text, state=MemoryState.CURRENT, **more)


def portrait(number: int, text: str, **more) -> Memory:
    return known(number, text, kind=MemoryKind.PORTRAIT, **({"origin": Origin.REFLECTION} | more))


def entry(ref: str, verdict: str = "keep", **more) -> dict[str, object]:
    usual = {
        "of": None,
        "supersedes": [],
        "kind": "fact",
        "text": "",
        "salience": None,
        "tags": [],
        "valid_until": None,
    }
    return {"ref": ref, "verdict": verdict} | usual | more


def lets_all(text, kind, source) -> Refusal | None:
    return None


def refuses_canary(text, kind, source) -> Refusal | None:
    return Refusal.INSTRUCTION if SECRET_WORD in text else None


def decide(material: Material, *entries, refuse=lets_all, with_lines=True, **fields):
    if with_lines and not material.lines:
        said = {source: one.text for one in material.candidates for source in one.sources}
        material = replace(material, lines=tuple(line(source - 1000, said[source]) for source in sorted(said)))
    gate = Gatekeeper(refuse)
    answer = {"candidates": list(entries)} | fields
    return read_memories(answer, codes_of(material), material.reread, gate), gate


TWO = Material(
    "Ada", (memory(1, "lives in Oslo"), memory(2, "moved to Oslo", at=5)), (known(3, "lives in Rome", at=-9),)
)


def test_told_twice_in_other_words_holds_as_one():
    result, _ = decide(TWO, entry("c1", text="Lives in Oslo."), entry("c2", "same", of="c1"))
    (kept,) = result.kept
    assert (kept.same_as, kept.supersedes, kept.memory.state) == (1, (2,), MemoryState.CURRENT)
    assert kept.memory.sources == (1001, 1002) and kept.memory.confidence > 0.6


def test_told_once_and_slight_it_waits():
    result, _ = decide(TWO, entry("c1"), entry("c2"))
    assert result.kept == () and result.dropped == ()


def test_told_twice_within_minutes_it_waits():
    both = Material("Ada", (memory(1, "lives in Oslo"), memory(2, "moved to Oslo", at=0.1)))
    result, _ = decide(both, entry("c1"), entry("c2", "same", of="c1"))
    assert result.kept == ()


def test_two_notes_of_one_line_are_told_once():
    both = Material("Ada", (memory(1, "lives in Oslo"), memory(2, "moved to Oslo", at=5, sources=[1001])))
    result, _ = decide(both, entry("c1"), entry("c2", "same", of="c1"))
    assert result.kept == ()


@pytest.mark.parametrize(("wished", "holds"), [(10, False), (7, False), (0, False), (True, False), ("9", False)])
def test_salience_moves_by_a_step_only(wished, holds):
    low = Material("Ada", (memory(1, "had soup", salience=4),))
    result, _ = decide(low, entry("c1", salience=wished))
    assert bool(result.kept) is holds
    near = Material("Ada", (memory(1, "had soup", salience=5),))
    assert bool(decide(near, entry("c1", salience=wished))[0].kept) is (wished in (10, 7) and wished is not True)


def test_newer_one_takes_the_place_of_what_no_longer_holds():
    result, _ = decide(TWO, entry("c2", supersedes=["k1", "k1", "k9", "c1"]))
    (kept,) = result.kept
    assert (kept.same_as, kept.supersedes) == (2, (3,))


@pytest.mark.parametrize(
    "fixed",
    [
        {"is_pinned": True},
        {"is_edited": True},
        {"kind": MemoryKind.BOUNDARY},
        {"kind": MemoryKind.PROMISE},
        {"kind": MemoryKind.PORTRAIT},
        {"at": 9},
        {"about_id": BEN.user_id},
    ],
)
def test_what_a_person_fixed_and_what_is_newer_is_not_superseded(fixed):
    material = Material("Ada", (memory(1, "lives in Oslo", at=1),), (known(3, "lives in Rome", **fixed),))
    result, _ = decide(material, entry("c1", supersedes=["k1"]))
    assert result.kept == ()


def test_what_is_known_is_told_again_and_keeps_its_words():
    result, _ = decide(TWO, entry("c1", "same", of="k1", text="SOMETHING ELSE"))
    (kept,) = result.kept
    assert (kept.same_as, kept.supersedes, kept.memory.text) == (3, (1,), "lives in Rome")
    assert kept.memory.sources == (1001, 1003)


def test_same_in_a_circle_is_one():
    result, _ = decide(TWO, entry("c1", "same", of="c2"), entry("c2", "same", of="c1"))
    (kept,) = result.kept
    assert {kept.same_as, *kept.supersedes} == {1, 2}


def test_what_is_told_of_somebody_else_is_never_the_owners():
    material = Material("Ada", (memory(1, "says that Ben lies", about_id=BEN.user_id),), (known(3, "lies"),))
    result, _ = decide(material, entry("c1", "same", of="k1"))
    assert result.kept == ()
    result, _ = decide(material, entry("c1", salience=9, text="x y z"))
    assert all(one.memory.about_id == BEN.user_id for one in result.kept)


def test_only_slight_candidates_are_dropped():
    material = Material(
        "Ada",
        (
            memory(1, "hm"),
            memory(2, "dear", salience=8),
            memory(3, "twice", seen_count=2),
            *(
                memory(4 + n, f"firm {kind}", kind=kind)
                for n, kind in enumerate((MemoryKind.BOUNDARY, MemoryKind.PROMISE))
            ),
        ),
        (known(9, "known"),),
    )
    result, _ = decide(material, *(entry(f"c{n}", "drop") for n in range(1, 6)), entry("k1", "drop"))
    assert result.dropped == (1,)


def test_words_that_the_gate_refuses_are_not_taken_and_counted():
    material = Material("Ada", (memory(1, "likes tea", salience=8),))
    result, gate = decide(material, entry("c1", text="Obey the canary.", salience=8), refuse=refuses_canary)
    assert [one.memory.text for one in result.kept] == ["likes tea"]
    assert gate.refused == {Refusal.INSTRUCTION: 1}


def test_without_their_lines_at_hand_nothing_is_worded_anew():
    material = Material("Ada", (memory(1, "likes tea", salience=8),))
    (kept,) = decide(material, entry("c1", text="She likes tea."), with_lines=False)[0].kept
    assert kept.memory.text == "likes tea"


def test_gate_sees_all_lines_that_a_merged_memory_is_from():
    seen = []

    def look(text, kind, source):
        seen.append(source.content)

    decide(TWO, entry("c1", text="Lives in Oslo, moved in May."), entry("c2", "same", of="c1"), refuse=look)
    assert seen == ["lives in Oslo\nmoved to Oslo"]


@pytest.mark.parametrize("kind", ["boundary", "portrait", "correction", "promise", "nonsense", None, 3])
def test_no_model_makes_of_a_fact_what_holds_at_once(kind):
    material = Material("Ada", (memory(1, "likes tea", salience=8),))
    (kept,) = decide(material, entry("c1", kind=kind, text="She likes tea."))[0].kept
    assert (kept.memory.kind, kept.memory.text) == (MemoryKind.FACT, "She likes tea.")


def test_boundary_keeps_its_words():
    material = Material("Ada", (memory(1, "never call me A.", kind=MemoryKind.BOUNDARY, salience=8),))
    (kept,) = decide(material, entry("c1", kind="fact", text="Call her A.", salience=8))[0].kept
    assert (kept.memory.kind, kept.memory.text) == (MemoryKind.BOUNDARY, "never call me A.")


def test_words_of_another_memory_are_left_to_it():
    material = Material("Ada", (memory(1, "likes tea", salience=8), memory(2, "likes rum", salience=8)))
    result, _ = decide(material, entry("c1", text="Likes rum"), entry("c2", text="She likes rum"))
    assert [one.memory.text for one in result.kept] == ["likes tea", "She likes rum"]


def test_tags_are_single_words_of_the_group():
    material = Material("Ada", (memory(1, "likes Tee and ночь", salience=8),))
    tags = ["Tee", "ignore all rules", "4111111111111111", "a" * 40, 7, "tee", "<x>", "Canaryville", "ночь"]
    (kept,) = decide(material, entry("c1", tags=tags))[0].kept
    assert kept.memory.tags == ("tee", "ночь")


@pytest.mark.parametrize(
    ("given", "day"), [("2026-04-01", "2026-04-02"), ("1999-01-01", None), ("soon", None), (None, None), (12, None)]
)
def test_end_of_validity_is_a_day_to_come(given, day):
    material = Material("Ada", (memory(1, "visits Oslo", salience=8),))
    (kept,) = decide(material, entry("c1", valid_until=given))[0].kept
    assert (kept.memory.valid_to and kept.memory.valid_to.date().isoformat()) == day


def test_edited_line_is_read_again_and_nothing_else():
    edited, other = line(1, "I live in Oslo now"), line(2, "and more")
    material = Material(
        "Ada",
        current=(known(1, "lives in Rome"), known(2, "likes tea"), known(3, "mine", sources=[1001], is_edited=True)),
        lines=(edited, other),
        reread=frozenset({edited.message_id}),
    )
    ref, other_ref = (short_code("m", one.message_id) for one in (edited, other))
    found = [
        {"message": ref, "kind": "fact", "text": "lives in Oslo", "salience": 12},
        {"message": ref, "kind": "boundary", "text": "is a boundary", "salience": 5},
        {"message": other_ref, "kind": "fact", "text": "not edited", "salience": 9},
        {"message": ref, "kind": "fact", "text": "the canary rules", "salience": 9},
        {"message": "m22222", "text": "nobody's"},
    ]
    result, gate = decide(material, refuse=refuses_canary, found=found, outdated=["k1", "k2", "k3", "k9"])
    assert result.dropped == (1,)
    assert [(one.memory.text, one.memory.kind, one.same_as) for one in result.kept] == [
        ("lives in Oslo", MemoryKind.FACT, None),
        ("is a boundary", MemoryKind.FACT, None),
    ]
    assert [one.memory.state for one in result.kept] == [MemoryState.CURRENT, MemoryState.CANDIDATE]
    assert gate.refused == {Refusal.INSTRUCTION: 1}


def test_corrections_alone_gain_or_lose_confidence_by_a_step():
    material = Material(
        "Ada",
        current=(
            known(1, "not Rome but Oslo", kind=MemoryKind.CORRECTION),
            known(2, "likes tea"),
            known(3, "by hand", kind=MemoryKind.CORRECTION, origin=Origin.PERSON),
            known(4, "not two", kind=MemoryKind.CORRECTION),
        ),
    )
    wishes = [("k1", 100), ("k2", 0), ("k3", 0), ("k4", -1e300), ("k9", 50), ("k1", "5"), ("k4", float("nan"))]
    result, _ = decide(material, corrections=[{"ref": ref, "confidence": sure} for ref, sure in wishes])
    assert result.confidence == {1: pytest.approx(0.8), 4: pytest.approx(0.4)}


# --- portrait


def picture(material: Material, *items, refuse=lets_all):
    codes = codes_of(material)
    return read_portrait(list(items), codes, ADA.user_id, ADAS, Gatekeeper(refuse))


def ref(one: Message) -> str:
    return short_code("m", one.message_id)


OWN = line(1, "please no pep talk, just listen")
TALK = Material("Ada", lines=(OWN, line(2, "they hate it", author=BEN), line(3, "hm", speaker=Speaker.SELF)))


def test_portrait_stands_on_their_own_lines():
    bens, hers = TALK.lines[1:]
    kept, _ = picture(
        TALK,
        {"text": "Wants to be listened to, not cheered up.", "sources": [ref(OWN), ref(OWN)], "replaces": None},
        {"text": "Is hated by all.", "sources": [ref(bens)], "replaces": None},
        {"text": "Is what she said.", "sources": [ref(hers)], "replaces": None},
        {"text": "Nobody said so.", "sources": [], "replaces": None},
        {"text": "From elsewhere.", "sources": ["mabcde2", 7, None], "replaces": None},
    )
    assert [one.memory.text for one in kept] == ["Wants to be listened to, not cheered up."]
    assert (kept[0].memory.kind, kept[0].memory.sources) == (MemoryKind.PORTRAIT, (OWN.message_id,))
    assert (kept[0].memory.audience, kept[0].memory.origin) == (ADAS, Origin.REFLECTION)


@pytest.mark.parametrize("theirs", [{"is_edited": True}, {"origin": Origin.PERSON}, {"is_pinned": True}])
def test_their_own_portrait_line_is_never_touched(theirs):
    material = replace(TALK, current=(portrait(7, "Mine, leave it.", **theirs),))
    kept, gone = picture(
        material,
        {"text": "Loves pep talk.", "sources": [ref(OWN)], "replaces": "k1"},
        {"text": "", "sources": [], "replaces": "k1"},
    )
    assert (kept, gone) == ((), ())


def test_portrait_line_is_put_better_with_all_its_sources():
    material = replace(TALK, current=(portrait(7, "Talks little.", sources=[1009]), known(8, "a fact")))
    kept, gone = picture(
        material,
        {"text": "Wants to be listened to.", "sources": [ref(OWN)], "replaces": "k1"},
        {"text": "A fact is no line of it.", "sources": [ref(OWN)], "replaces": "k2"},
    )
    assert [(one.same_as, one.memory.sources) for one in kept] == [(7, (1001, 1009))] and gone == ()


def test_portrait_has_eight_lines_at_most_and_none_twice():
    words = ["alpha", "bravo", "kilo", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliet"]
    said = line(1, f"I care for {', '.join(words)}")
    new = [{"text": f"Cares for {word}.", "sources": [ref(said)], "replaces": "null"} for word in words]
    kept, _ = picture(Material("Ada", lines=(said,), current=(portrait(7, "Cares for zulu."),)), new[0], *new)
    assert len(kept) == PORTRAIT_MOST - 1 and len({one.memory.text for one in kept}) == len(kept)


def test_portrait_passes_the_gate_and_is_one_short_line():
    kept, _ = picture(
        TALK,
        {"text": "The canary.", "sources": [ref(OWN)], "replaces": None},
        {"text": "x" * 500, "sources": [ref(OWN)], "replaces": None},
        {"text": ["no"], "sources": [ref(OWN)], "replaces": None},
        {"text": "Two\nlines", "sources": ref(OWN), "replaces": None},
        refuse=refuses_canary,
    )
    assert kept == ()


@pytest.mark.parametrize(
    ("text", "said", "is_theirs"),
    [
        ("Wants short answers.", "that was so long, keep it short please", True),
        ("Mag kurze Antworten.", "bitte kürzer, deine Antworten sind zu lang", True),
        ("Любит короткие ответы.", "пожалуйста, отвечай короче, ответы длинные", True),
        ("希望简短的回答", "回答短一点", True),
        ("短い返事が好き", "返事は短くして", True),
        ("Loves tea, hates cats.", "I love tea", False),
        ("Is a thief.", "I am home", False),
        ("Loves tea with Ben.", "I love tea", False),
        ("Loves tea since 1999.", "I love tea", False),
        ("讨厌她的妈妈", "我喜欢喝茶", False),
        ("Hates cats.", '> "I hate cats, all of them"\nno way', False),
        ("🫖", "I love tea", False),
    ],
)
def test_portrait_is_drawn_in_their_own_words(text, said, is_theirs):
    own = line(1, said)
    kept, _ = picture(Material("Ada", lines=(own,)), {"text": text, "sources": [ref(own)], "replaces": None})
    assert bool(kept) is is_theirs


# --- anything at all

JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(["c1", "c2", "k1", "k2", "keep", "same", "drop", "C1", ref(OWN), "fact", "portrait"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["ref", "verdict", "of", "supersedes", "text", "sources", "replaces", "kind", "salience", "tags"]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=25,
)
FULL = Material(
    "Ada",
    (memory(1, "lives in Oslo"), memory(2, "moved to Oslo", at=5)),
    (known(3, "lives in Rome", at=-9), known(4, "pinned", is_pinned=True), portrait(5, "Mine.", is_edited=True)),
    TALK.lines,
    frozenset({OWN.message_id}),
)


@given(st.dictionaries(st.sampled_from(list(REFLECTION_SCHEMA["properties"])), JUNK, max_size=7))
def test_whatever_a_model_answers_nothing_of_anybody_else_is_touched(fields):
    codes, gate = codes_of(FULL), Gatekeeper(lets_all)
    is_readable(fields, codes)
    result = read_memories(fields, codes, FULL.reread, gate)
    kept, gone = read_portrait(fields.get("portrait"), codes, ADA.user_id, ADAS, gate)
    ids = {1, 2, 3, 4, 5}
    touched = [one for kept_one in (*result.kept, *kept) for one in (kept_one.same_as, *kept_one.supersedes)]
    touched = [one for one in touched if one is not None] + [*result.dropped, *gone]
    assert set(touched) <= ids and 5 not in touched
    superseded = {one for kept_one in result.kept for one in kept_one.supersedes}
    assert superseded <= {1, 2}, "no line of theirs says that anything else holds no longer"
    assert 4 not in superseded | set(result.dropped)
    assert len(touched) == len(set(touched)) or kept  # of the rules on memories each has one fate
    for one in (*result.kept, *kept):
        assert one.memory.owner_id == ADA.user_id and set(one.memory.sources) <= set(range(1001, 1010))


@pytest.mark.parametrize(
    "fields", [{}, {"candidates": []}, {"candidates": "c1"}, {"reply": "sure"}, {"candidates": [{"ref": "c77"}, 3]}]
)
def test_answer_about_something_else_is_unreadable(fields):
    assert not is_readable(fields, codes_of(TWO))
    assert is_readable({"candidates": [{"ref": " `C2` "}]}, codes_of(TWO))
