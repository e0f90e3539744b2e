"""Nothing of what a model thinks reaches anybody, however it is marked and however the stream is cut."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.llm.rungs import Rung
from bot.adapters.llm.stream import AnswerReader
from bot.adapters.llm.thoughts import HOLD_CHARS, ThinkingHabit
from bot.errors import ProviderError
from tests.adapters.llm.conftest import ANSWER, ask, finish
from tests.scripted_model import Behaviour

KNOWN = ("appraisals", "intent", "reply", "reaction")
DRAFT = 'Okay.\n\nPRIVATE [x] <3 `</b>`.\n\nDraft: {"intent":"reply","reply":"PRIVATE"} hmm\n'
MARKED = [
    f"<think>{DRAFT}</think>",
    f"\n\n<think>\n{DRAFT}</think>\n\n",
    f"<THINK>{DRAFT}</THINK>",
    f"<thinking>{DRAFT}</thinking>\n",
    f"<thought>{DRAFT}</thought>",
    f"<reasoning>{DRAFT}</reasoning>",
    f'<think time="1" depth="2">{DRAFT}</think>',
    f"<think>one</think>\n<think>{DRAFT}</think>",
    f"<seed:think>{DRAFT}</seed:think>",
    f"[THINK]{DRAFT}[/THINK]",
    f"<|channel|>analysis<|message|>{DRAFT}<|channel|>final<|message|>",
    f"<|channel|>analysis<|message|>{DRAFT}<|end|><|start|>assistant<|channel|>final <|constrain|>json<|message|>",
    f"<|channel>thought\n{DRAFT}<channel|>",
    "<think/>\n",
    "<think>\n\n</think>\n\n",
]
UNMARKED = [f"{DRAFT}</think>\n", "PRIVATE" * 200 + "</think>", f"{DRAFT}[/THINK]"]
cut_lists = st.lists(st.integers(0, 10_000), max_size=30)


def said(text: str, cuts: list[int], *, wants_object: bool, habit: ThinkingHabit | None = None):
    reader = AnswerReader("reply", KNOWN, wants_object=wants_object, habit=habit)
    edges = [0, *sorted({cut % (len(text) + 1) for cut in cuts}), len(text)]
    partials = [reader.feed(text[start:end]) for start, end in pairwise(edges)]
    return [one.fields for one in partials if one is not None], reader.finish().fields, reader


@pytest.mark.parametrize("thought", MARKED + UNMARKED)
@given(cut_lists, st.booleans())
def test_object_behind_thoughts_is_read_and_no_thought_is_passed_on(thought, cuts, wants_object):
    partials, fields, _ = said(thought + json.dumps(ANSWER), cuts, wants_object=wants_object)
    assert fields == ANSWER
    assert "PRIVATE" not in str(partials)


@pytest.mark.parametrize("thought", MARKED + UNMARKED)
@given(cut_lists, st.booleans())
def test_prose_behind_thoughts_is_the_answer(thought, cuts, wants_object):
    partials, fields, _ = said(f"{thought}ok\n\nfine", cuts, wants_object=wants_object)
    assert fields == {"reply": "ok\n\nfine"}
    assert "PRIVATE" not in str(partials)


@pytest.mark.parametrize("habit", ["marked", "plain"])
@given(cut_lists)
def test_thought_inside_prose_is_left_out(habit, cuts):
    known = ThinkingHabit()
    if habit == "plain":
        known.note(is_unmarked=False)
    text = "So. " * HOLD_CHARS + f"<think>{DRAFT}</think>End."
    partials, fields, _ = said(text, cuts, wants_object=False, habit=known)
    assert fields == {"reply": "So. " * HOLD_CHARS + "End."}
    assert "PRIVATE" not in str(partials)


@given(cut_lists, st.sampled_from(MARKED[:11]), st.booleans())
def test_unclosed_thought_is_nothing(cuts, thought, wants_object):
    opening = thought[: thought.rindex("hmm")]
    partials, fields, reader = said(opening, cuts, wants_object=wants_object)
    assert (partials, fields, reader.has_text) == ([], None, False)


@given(cut_lists)
def test_thought_inside_the_reply_field_is_left_out(cuts):
    answer = {**ANSWER, "reply": f"<think>{DRAFT}</think>Ha.", "reaction": None}
    partials, fields, _ = said(json.dumps(answer), cuts, wants_object=True)
    assert fields == {**ANSWER, "reply": "Ha."}
    assert "PRIVATE" not in str(partials)


@given(cut_lists)
def test_somebody_may_talk_about_the_marks(cuts):
    text = "I like `<think>` and `</think>`, a <b>, <@12>, <|x|> and 1 <3 [TH]."
    assert said(text, cuts, wants_object=False)[1] == {"reply": text}


@given(cut_lists)
def test_model_that_once_hid_its_start_is_held_until_the_mark(cuts):
    habit = ThinkingHabit()
    habit.note(is_unmarked=True)
    habit.note(is_unmarked=False)
    partials, fields, _ = said("PRIVATE\n\n" * 300 + "</think>ok", cuts, wants_object=False, habit=habit)
    assert (partials, fields) == ([], {"reply": "ok"})


def test_answer_behind_a_late_mark_still_comes():
    habit = ThinkingHabit()
    habit.note(is_unmarked=False)
    text = "One.\n\n" * 100 + "half</think>ok"
    partials, fields, _ = said(text, list(range(0, 700, 10)), wants_object=False, habit=habit)
    assert partials and fields["reply"].endswith("One.\n\nok") and "half" not in fields["reply"]


def test_cut_off_answer_of_a_model_that_hides_its_start_is_nothing():
    habit = ThinkingHabit()
    habit.note(is_unmarked=True)
    reader = AnswerReader("reply", KNOWN, wants_object=False, habit=habit)
    reader.feed("PRIVATE")
    assert (reader.finish(is_cut=True).fields, reader.has_text) == (None, False)


def test_long_thought_is_read_in_linear_time():
    import time

    began = time.process_time()
    said("<think>" + 'hm {"a": 1} ' * 10_000 + "</think>ok", list(range(0, 10_000, 4)), wants_object=True)
    assert time.process_time() - began < 2.0  # quadratic reading would take minutes


@pytest.mark.parametrize("rung", [Rung.TEXT, Rung.SCHEMA])
@pytest.mark.parametrize("thought", [MARKED[1], UNMARKED[0]])
async def test_no_thought_leaves_the_model(server, make_model, rung, thought):
    model = make_model(endpoint={"first_rung": rung})
    answer = "ok" if rung is Rung.TEXT else json.dumps(ANSWER)
    server.script(*[Behaviour(text=thought + answer, chunk_chars=5, chunk_delay_s=0.001)] * 2)
    for _ in range(2):
        pieces = await ask(model)
        assert pieces[-1].fields == ({"reply": "ok"} if rung is Rung.TEXT else ANSWER)
        assert "PRIVATE" not in str(pieces)


async def test_unclosed_thought_is_an_empty_answer(server, make_model):
    model = make_model(endpoint={"first_rung": Rung.TEXT})
    server.default = "<think>PRIVATE"
    with pytest.raises(ProviderError) as caught:
        await finish(model)
    assert caught.value.kind == "empty" and "PRIVATE" not in str(caught.value)
