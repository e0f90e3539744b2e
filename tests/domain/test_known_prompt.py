"""What a prompt shows of what she remembers: quoted, bounded, for the right eyes, and never in the way of the talk."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.handoff import ContextView, Handoff
from bot.domain.ids import ChannelId, GuildId, MemoryId, MessageId, NoteId, SummaryId, TurnId, short_code
from bot.domain.known_prompt import HANDOFF_LETTERS, KNOWN_LETTERS, LINE_LETTERS, MEMORY_LETTERS, known_names
from bot.domain.memory import Memory, MemoryKind, MemoryState, Milestone, NoteKind, Origin, SelfNote
from bot.domain.message import Audience, AudienceKind, Channel, ChannelKind, Message
from bot.domain.prompt import OPENING, AnswerForm, ChatMessage
from bot.domain.quoting import CUT_MARK
from bot.domain.recalled import Found, Known, Past, RecalledLine, RecalledMemory, Summary
from bot.domain.turn import Gathered
from tests.domain.test_prompt import (
    ANA,
    BEN,
    DM,
    MIRA,
    REFRESH,
    ROOM,
    SNAPSHOTS,
    START,
    any_name,
    any_text,
    line,
    prompt_of,
    snapshot_talk,
    wire,
    written,
)

LAST_WEEK = START - timedelta(days=7)
HERE = Audience(AudienceKind.CHANNEL, ROOM.channel_id)
TO_ANA = Audience(AudienceKind.PERSON, ANA.user_id)
SERVER = Audience(AudienceKind.GUILD, 5)
ELSEWHERE = (
    Audience(AudienceKind.CHANNEL, 77),
    Audience(AudienceKind.GUILD, 78),
    TO_ANA,
    Audience(AudienceKind.PERSON, BEN.user_id),
)


def memory(number: int = 1, text: str = "Ana plays the cello.", **more) -> Memory:
    facts = {
        "owner_id": ANA.user_id,
        "kind": MemoryKind.FACT,
        "audience": TO_ANA,
        "sources": (MessageId(500 + number),),
        "salience": 5,
        "confidence": 0.8,
        "said_at": LAST_WEEK,
        "origin": Origin.TALK,
        "state": MemoryState.CURRENT,
        "created_at": LAST_WEEK,
    }
    return Memory(MemoryId(number), text=text, **(facts | more))


def recalled(number: int = 1, text: str = "I play the cello", **more) -> RecalledLine:
    facts = {"owner_id": ANA.user_id, "speaker_id": ANA.user_id, "name": "Ana", "said_at": LAST_WEEK, "is_own": False}
    return RecalledLine(MessageId(500 + number), text=text, score=1.0, **(facts | more))


def note(text: str = "Rain suits me.", audience: Audience | None = None) -> SelfNote:
    return SelfNote(NoteId(1), NoteKind.TASTE, text, audience, 0.7, LAST_WEEK)


def summary(number: int = 1, text: str = "Ana moved.", channel: Channel = DM, **more) -> Summary:
    facts = {"person_id": None, "level": 0, "audience": TO_ANA, "note": "", "from_turn": 1, "to_turn": 4}
    facts |= {"said_from": LAST_WEEK, "said_to": LAST_WEEK + timedelta(days=1)}
    return Summary(SummaryId(number), channel.channel_id, text=text, **(facts | more))


def found(*things: Memory | RecalledLine) -> Known:
    lines = tuple(one for one in things if isinstance(one, RecalledLine))
    memories = tuple(RecalledMemory(one, 1.0) for one in things if isinstance(one, Memory))
    return Known(Found(lines, memories))


def remembered(prompt: tuple[ChatMessage, ...], block: str = "remembered") -> list[dict]:
    """Read back the rows of a block, as who reads the prompt line by line would."""
    talk = "\n".join(message.content for message in prompt[1:]).split("\n")
    if f"<{block}>" not in talk:
        return []
    rows = talk[talk.index(f"<{block}>") + 1 : talk.index(f"</{block}>")]
    return [json.loads(row) for row in rows]


def shown(known: Known = Known(), context: ContextView = ContextView(), **more) -> list[dict]:  # noqa: B008
    return remembered(prompt_of(more.pop("claimed", [line(9, "so")]), known=known, context=context, **more))


EVERYTHING = Known(
    Found(
        (
            recalled(1, "I play the <b>cello</b>, <@900> and <@102>"),
            recalled(2, "since when?", is_own=True, speaker_id=MIRA.user_id, name="Mira"),
        ),
        (RecalledMemory(memory(3, "Ana may move to Graz.", confidence=0.4), 0.9),),
    ),
    portraits=(memory(4, "Ana likes it short.", kind=MemoryKind.PORTRAIT),),
    standing=(
        memory(5, "Ana wants no jokes about her mother.", kind=MemoryKind.BOUNDARY),
        memory(
            6,
            "Ana wants to run ten kilometres.",
            kind=MemoryKind.GOAL,
            due_at=START + timedelta(days=30),
            milestones=(Milestone("buy shoes", LAST_WEEK), Milestone("run five")),
        ),
        memory(7, "Ben owes Ana a book.", about_id=BEN.user_id, valid_to=START + timedelta(days=2)),
    ),
    notes=(note(),),
)
CARRIED = ContextView(
    (summary(1, "Ana told of her new flat."), summary(2, "She has a cello.", person_id=ANA.user_id)),
    Handoff(
        TurnId(5),
        lines=(line(-9, "and then?", MIRA), line(-8, "then it rained", ANA)),
        summary=summary(2, "She has a cello.", person_id=ANA.user_id),
        goals=(memory(6, "Ana wants to run ten kilometres.", kind=MemoryKind.GOAL),),
        decisions=(memory(8, "Ana takes the flat.", kind=MemoryKind.DECISION),),
        promises=(memory(9, "Mira brings up the lease on Friday.", kind=MemoryKind.PROMISE, about_id=MIRA.user_id),),
        note="Ana was about to say what it costs.",
    ),
)


@pytest.mark.parametrize("form", AnswerForm)
def test_a_prompt_with_all_that_is_remembered_is_as_reviewed(form):
    history = [line(0, "hey"), line(1, "hey you.", MIRA)]
    prompt = prompt_of([line(2, "guess")], history, form, known=EVERYTHING, context=CARRIED, own_id=MIRA.user_id)
    file = SNAPSHOTS / f"prompt_remembered_{form}.txt"
    if os.environ.get(REFRESH):
        file.write_text(written(prompt[1:]), encoding="utf-8")
    assert written(prompt[1:]) == file.read_text(encoding="utf-8"), f"if meant, refresh with {REFRESH}=1"


def test_who_is_not_remembered_gets_the_talk_alone():
    history, claimed, heard = snapshot_talk()
    bare = prompt_of(claimed, history, heard=heard)
    assert bare == prompt_of(claimed, history, heard=heard, known=Known(), context=ContextView())
    assert not any("remembered" in message.content or "<earlier>" in message.content for message in bare[1:])


def test_what_changes_stands_after_the_talk_and_what_stays_before_it():
    history = [line(0, "hey"), line(1, "hey you.", MIRA)]
    prompt = prompt_of([line(2, "guess")], history, known=EVERYTHING, context=CARRIED)
    bare = prompt_of([line(2, "guess")], history)
    assert [message.role for message in prompt] == [message.role for message in bare]
    assert prompt[1].content.endswith(f"</earlier>\n\n{bare[1].content}") and prompt[2] == bare[2]
    talk, _, now = bare[3].content.partition("\n\n<now>")
    assert prompt[3].content.startswith(f"{talk}\n\n<remembered>\n")
    assert prompt[3].content.endswith(f"\n</remembered>\n\n<now>{now}")


def test_the_next_prompt_begins_with_the_talk_of_the_one_before_whatever_comes_to_mind():
    asked, answered = line(0, "hey"), line(1, "hey you.", MIRA)
    summaries = replace(CARRIED, handoff=None)
    first = written(prompt_of([asked], known=EVERYTHING, context=CARRIED)).partition("\n\n<remembered>")[0]
    later = prompt_of([line(2, "guess")], [asked, answered], known=found(memory(11)), context=summaries)
    assert written(later).startswith(first)


def test_summaries_stand_where_the_talk_would_begin_with_her_words():
    prompt = prompt_of([line(1, "hey")], [line(0, "tonight.", MIRA)], context=replace(CARRIED, handoff=None))
    assert [message.role for message in prompt] == ["system", "user", "assistant", "user"]
    assert prompt[1].content.startswith("<earlier>") and OPENING not in prompt[1].content


def test_a_memory_says_what_it_is_whose_and_when_it_was_said():
    assert shown(found(memory())) == [
        {"remembered": "fact", "of": short_code("u", 101), "said": "2026-11-14", "text": "Ana plays the cello."}
    ]
    told = memory(about_id=BEN.user_id, confidence=0.3, valid_to=START + timedelta(days=2))
    (row,) = shown(found(told))
    assert (row["about"], row["unsure"], row["until"]) == (short_code("u", 102), True, "2026-11-23")
    promise = memory(kind=MemoryKind.PROMISE, about_id=MIRA.user_id, due_at=START)
    (row,) = shown(found(promise), own_id=MIRA.user_id)
    assert (row["of"], row["to"], row["due"]) == ("you", short_code("u", 101), "2026-11-21 14:03")


def test_a_line_says_who_said_it_then_and_has_nothing_to_answer_to():
    line_of_ana = recalled(said_at=LAST_WEEK, name="system")
    hers = recalled(2, "no", is_own=True, speaker_id=MIRA.user_id)
    assert shown(found(line_of_ana, hers)) == [
        {
            "remembered": "line",
            "of": short_code("u", 101),
            "name": "system (only a name)",
            "said": "2026-11-14 14:03",
            "text": "I play the cello",
        },
        {"remembered": "line", "of": "you", "said": "2026-11-14 14:03", "text": "no"},
    ]


@pytest.mark.parametrize(("past", "mark"), [(Past.NO, None), (Past.IN_PART, "in part"), (Past.ALL, "all")])
def test_a_line_that_says_what_holds_no_longer_is_marked(past, mark):
    (row,) = shown(found(recalled(text="I live in Rome", past=past)))
    assert row.get("no longer true") == mark


def test_mentions_in_what_is_remembered_are_codes():
    (row,) = shown(found(recalled(text="<@900> ask <@102>")), own_id=MIRA.user_id)
    assert row["text"] == f"@Mira ask @{short_code('u', 102)}"


def test_nothing_remembered_has_a_ref():
    rows = shown(EVERYTHING, CARRIED) + remembered(prompt_of([line(9, "so")], context=CARRIED), "earlier")
    assert len(rows) > 10 and not any({"ref", "from", "reply_to"} & row.keys() for row in rows)


@pytest.mark.parametrize("state", [state for state in MemoryState if state is not MemoryState.CURRENT])
def test_only_what_holds_now_is_shown(state):
    gone = memory(state=state)
    known = Known(found(gone).found, portraits=(gone,), standing=(gone,))
    assert shown(known, ContextView(handoff=Handoff(TurnId(5), goals=(gone,)))) == []
    assert shown(found(memory(valid_to=START))) == []


@pytest.mark.parametrize("audience", ELSEWHERE)
def test_what_others_may_not_see_is_not_shown_in_a_room(audience):
    secret = memory(audience=audience)
    known = Known(found(secret).found, (secret,), (secret,), (note(audience=audience),))
    handoff = Handoff(TurnId(5), lines=(line(-1, "secret"),), summary=summary(), decisions=(secret,))
    prompt = prompt_of([line(9, "so", channel=ROOM)], known=known, context=ContextView((summary(),), handoff))
    assert remembered(prompt) == remembered(prompt, "earlier") == []


@pytest.mark.parametrize("audience", [HERE, SERVER])
def test_what_was_said_to_all_who_are_there_is_shown_in_a_room(audience):
    known = Known(found(memory(audience=audience, owner_id=BEN.user_id)).found, notes=(note(audience=audience),))
    assert len(shown(known, claimed=[line(9, "so", channel=ROOM)])) == 2


def test_a_thread_shows_what_was_said_in_it_and_not_what_was_said_in_its_channel():
    thread = Channel(ChannelId(99), ChannelKind.THREAD, GuildId(5), ROOM.channel_id)
    there = Audience(AudienceKind.CHANNEL, thread.channel_id)
    asked = [line(9, "so", channel=thread)]
    assert len(shown(found(memory(audience=there)), claimed=asked)) == 1
    assert shown(found(memory(audience=HERE)), claimed=asked) == []


def test_before_one_persons_eyes_stands_all_that_is_theirs_and_nothing_of_others():
    mine = memory(1, audience=HERE)
    others = memory(2, audience=TO_ANA, owner_id=BEN.user_id)
    line_of_ben = recalled(3, owner_id=BEN.user_id)
    assert [row["remembered"] for row in shown(found(mine, others, line_of_ben))] == ["fact"]
    notes = (note(audience=TO_ANA), note(audience=HERE), note())
    assert len(shown(Known(notes=notes))) == 2


def test_each_thing_is_shown_once():
    one = memory(6, kind=MemoryKind.GOAL)
    known = Known(found(one, recalled(1), recalled(1)).found, portraits=(one,), standing=(one,))
    rows = shown(known, ContextView((summary(1),), Handoff(TurnId(5), summary=summary(1), goals=(one,))))
    assert [row["remembered"] for row in rows] == ["line", "goal"]


def test_what_stands_in_the_talk_or_in_the_handoff_is_not_recalled_as_well():
    said, carried = line(0, "I play the cello"), line(-1, "I do")
    lines = found(*(recalled(one.message_id - 500, one.content) for one in (said, carried)))
    rows = shown(lines, ContextView(handoff=Handoff(TurnId(5), lines=(carried, said))), history=[said])
    assert [row["text"] for row in rows] == ["I do"]


def test_a_handoff_keeps_to_its_bounds():
    lines = tuple(line(-20 + number, "x" * 600) for number in range(9))
    goals, decisions, promises = (
        tuple(memory(100 * kind_no + number, f"{kind} {number}", kind=kind) for number in range(9))
        for kind_no, kind in enumerate((MemoryKind.GOAL, MemoryKind.DECISION, MemoryKind.PROMISE), 1)
    )
    handoff = Handoff(TurnId(5), lines, summary(), goals, decisions, promises, "n" * 900)
    rows = shown(context=ContextView(handoff=handoff))
    kinds = [row["remembered"] for row in rows]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "summary": 1,
        "goal": 3,
        "decision": 5,
        "promise": 5,
        "line": 6,
        "where the talk stood": 1,
    }
    assert all(len(row["text"]) == 500 + len(CUT_MARK) for row in rows if row["remembered"] == "line")
    assert rows[-1]["text"] == "n" * 300 + CUT_MARK


def test_a_long_memory_is_cut():
    rows = shown(found(memory(text="m" * 4_000), recalled(2, "l" * 4_000)))
    assert [len(row["text"]) - len(CUT_MARK) for row in rows] == [MEMORY_LETTERS, LINE_LETTERS]


@given(st.lists(st.text(max_size=60) | st.sampled_from(["\x00" * 900, "<" * 4_000, "語" * 4_000]), max_size=40))
@settings(max_examples=60)
def test_however_much_comes_to_mind_its_block_is_bounded(texts):
    memories = [memory(number, text) for number, text in enumerate(texts)]
    lines = [recalled(number, text) for number, text in enumerate(texts)]
    handoff = Handoff(
        TurnId(5), tuple(line(-number - 1, text) for number, text in enumerate(texts)), note="".join(texts)
    )
    known = Known(found(*memories, *lines).found, tuple(memories), tuple(memories), (note("".join(texts)),))
    prompt = prompt_of([line(9, "so")], known=known, context=ContextView(handoff=handoff))
    assert len(prompt[-1].content) <= KNOWN_LETTERS + HANDOFF_LETTERS + 1_000


def test_where_not_all_fits_what_must_not_be_missed_is_shown():
    boundary = memory(1, "Ana wants no nicknames.", kind=MemoryKind.BOUNDARY)
    rows = shown(Known(found(*(recalled(number, "x" * 999) for number in range(20))).found, standing=(boundary,)))
    assert rows[0]["remembered"] == "boundary" and 2 < len(rows) < 20


@given(text=any_text, name=any_name, kind=st.sampled_from(MemoryKind))
@settings(max_examples=150)
def test_any_text_stays_data_inside_its_block(text, name, kind):
    step = (Milestone(text),)
    known = Known(
        found(memory(1, text, kind=kind, milestones=step), recalled(2, text, name=name)).found, notes=(note(text),)
    )
    said = line(-1, text, replace(ANA, display_name=name))
    handoff = Handoff(TurnId(5), (said,), summary(2, text), note=text)
    prompt = prompt_of([line(9, "so")], known=known, context=ContextView((summary(1, text),), handoff))
    rows = prompt[-1].content.split("\n")
    assert len(prompt) == 2 and len([row for row in rows if row.startswith("<")]) == 6
    block = remembered(prompt)
    parts = 5 if text else 4  # a note that says nothing of where the talk stood is none
    assert len(block) == parts + 1 and len(remembered(prompt, "earlier")) == 1
    assert all(set(row) <= {"remembered", "of", "name", "said", "text", "steps"} for row in block)
    assert rows[rows.index("<now>") :][-1] == "</now>" and rows.count("<now>") == rows.count("</now>") == 1
    wire(prompt)


@pytest.mark.parametrize("form", AnswerForm)
def test_a_model_that_answers_in_plain_text_is_told_what_she_remembers_too(form):
    prompt = prompt_of([line(9, "so")], form=form, known=EVERYTHING, context=CARRIED)
    assert len(remembered(prompt)) == 13 and len(remembered(prompt, "earlier")) == 2
    assert "Lines with `remembered`" in prompt[0].content


def test_people_whom_only_memory_shows_have_names_behind_their_codes():
    cleo = recalled(1, speaker_id=77, name="Cleo\u202e")
    hers = recalled(2, is_own=True, speaker_id=MIRA.user_id, name="Mira")
    dan = replace(BEN, user_id=88, display_name="Dan")
    context = ContextView(handoff=Handoff(TurnId(5), (Message(MessageId(4), DM, dan, "hm", START),)))
    names = known_names(Gathered((), known=found(cleo, hers), context=context))
    assert names[short_code("u", 77)] == "Cleo" and names[short_code("u", 88)] == "Dan"
    assert short_code("u", 900) not in names


def test_a_promise_says_who_made_it_and_to_whom():
    hers = memory(1, "Mira asks Ana about the lease.", kind=MemoryKind.PROMISE, about_id=MIRA.user_id)
    theirs = memory(2, "Ana sends a picture.", kind=MemoryKind.PROMISE)
    of_ben = memory(3, "Ben promised Ana a book.", kind=MemoryKind.PROMISE, about_id=BEN.user_id)
    ana, ben = short_code("u", 101), short_code("u", 102)
    said = [(row["of"], row.get("to"), row.get("about")) for row in shown(found(hers, theirs, of_ben), own_id=900)]
    assert said == [("you", ana, None), (ana, None, None), (ana, None, ben)]


@pytest.mark.parametrize(("answered", "is_shown"), [(-60, True), (60, True), (60 * 13, False)])
def test_a_promise_is_brought_up_once_after_it_was_due(answered, is_shown):
    due = START - timedelta(days=2)
    promise = memory(kind=MemoryKind.PROMISE, about_id=MIRA.user_id, due_at=due)
    hers = replace(line(1, "so?", MIRA), sent_at=due + timedelta(minutes=answered))
    history = [replace(line(0, "hi"), sent_at=due - timedelta(days=1)), hers]
    known = Known(found(promise).found, standing=(promise,))
    handoff = Handoff(TurnId(5), promises=(promise,))
    prompt = prompt_of([line(9, "hello")], history, known=known, context=ContextView(handoff=handoff))
    assert len(remembered(prompt)) == is_shown


def test_where_the_talk_stood_says_when_that_was():
    handoff = Handoff(TurnId(5), lines=(line(-8, "then it rained"),), note="Ana spoke of rain.")
    row = shown(context=ContextView(handoff=handoff))[-1]
    assert row == {"remembered": "where the talk stood", "said": "2026-11-21 13:55", "text": "Ana spoke of rain."}
