"""The incremental reader: any split of the bytes gives the same fields, and nothing shown is taken back."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.llm.scan import DIGITS_MOST
from bot.adapters.llm.sse import EventReader
from bot.adapters.llm.stream import AnswerReader
from bot.ports import Partial
from tests.adapters.llm.conftest import ANSWER

KNOWN = ("appraisals", "intent", "reply", "reaction")

texts = st.text(alphabet=st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from('\n"\\😀é{}[]:,`<')))
answers = st.fixed_dictionaries(
    {
        "appraisals": st.lists(
            st.dictionaries(texts, st.one_of(st.integers(-3, 3), texts, st.none()), max_size=3), max_size=3
        ),
        "intent": texts,
        "reply": texts,
        "reaction": st.one_of(st.none(), texts),
    }
)


def read(text: str, cuts: list[int], *, wants_object: bool = True) -> tuple[list[Partial], AnswerReader]:
    reader = AnswerReader("reply", KNOWN, wants_object=wants_object)
    edges = [0, *sorted({cut % (len(text) + 1) for cut in cuts}), len(text)]
    pieces = [reader.feed(text[start:end]) for start, end in pairwise(edges)]
    return [piece for piece in pieces if piece is not None], reader


def dump(answer: dict[str, object], *, is_ascii: bool, indent: int | None) -> str:
    return json.dumps(answer, ensure_ascii=is_ascii, indent=indent)


cut_lists = st.lists(st.integers(0, 10_000), max_size=30)


@given(answers, cut_lists, st.booleans(), st.sampled_from([None, 2]))
def test_any_split_gives_the_same_fields_and_nothing_shrinks(answer, cuts, is_ascii, indent):
    partials, reader = read(dump(answer, is_ascii=is_ascii, indent=indent), cuts)
    reading = reader.finish()
    assert (reading.fields, reading.is_object, reading.is_closed) == (answer, True, True)
    shown = ""
    for partial in partials:
        for key, value in partial.fields.items():
            assert key == partial.open_key or value == answer[key]
        reply = partial.fields.get("reply", "")
        assert reply.startswith(shown) and answer["reply"].startswith(reply)
        shown = reply


@given(answers, cut_lists, st.booleans())
def test_fences_thoughts_and_prose_round_the_object_are_looked_through(answer, cuts, is_ascii):
    body = dump(answer, is_ascii=is_ascii, indent=None)
    for text in (
        f"```json\n{body}\n```",
        f"<think>I could say {{this}} or that</think>\n\n{body}",
        f"Here is the answer you want:\n\n{body}\n\nHope it helps!",
        f"[{body}]",
        f'{{"answer": {body}}}',
        json.dumps(body),
        f"\ufeff \n{body}",
    ):
        _, reader = read(text, cuts)
        assert reader.finish().fields == answer


@given(st.text(alphabet="abc 😀é\n.,!'*", min_size=1).map(str.strip).filter(bool), cut_lists, st.booleans())
def test_prose_becomes_the_text_field(prose, cuts, wants_object):
    partials, reader = read(prose, cuts, wants_object=wants_object)
    reading = reader.finish()
    assert (reading.fields, reading.is_object) == ({"reply": prose}, False)
    assert not partials if wants_object else all(prose.startswith(one.fields["reply"]) for one in partials)


@given(answers, st.integers(0, 10_000), cut_lists)
def test_cut_anywhere_gives_a_beginning_of_the_truth(answer, end, cuts):
    text = dump(answer, is_ascii=True, indent=None)
    text = text[: end % len(text)]
    _, reader = read(text, cuts)
    fields = reader.finish().fields or {}
    if "reply" in fields and text.startswith("{"):
        assert answer["reply"].startswith(fields["reply"])


@given(st.text(max_size=200), cut_lists, st.booleans())
def test_nonsense_never_raises(text, cuts, wants_object):
    read(text, cuts, wants_object=wants_object)[1].finish()


@given(st.text(alphabet='{}[]":,\\ud83d ntreply', max_size=80), cut_lists)
def test_near_json_never_raises(text, cuts):
    read('{"reply": "' + text, cuts)[1].finish()


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ('{"reply": "one\ntwo\ttabs"}', {"reply": "one\ntwo\ttabs"}),
        (r'{"reply": "it\'s \- fine"}', {"reply": "it's - fine"}),
        (r'{"reply": "lone \ud83d end"}', {"reply": "lone \ufffd end"}),
        ('{"reply": "tail"} and then more {"reply": "no"}', {"reply": "tail"}),
        ('{"name": "answer", "arguments": {"reply": "x"}}', {"reply": "x"}),
        ('{"name": "answer", "arguments": "{\\"reply\\": \\"x\\"}"}', {"reply": "x"}),
        ('{"wrong": 1}', {"wrong": 1}),
        ("{}", {}),
        ("thinking aloud, no opening mark</think>Hello.", {"reply": "Hello."}),
        ("```\nHello.\n```", {"reply": "Hello."}),
        ("{smiles} Hello.", {"reply": "{smiles} Hello."}),
        ("<think>never stops", None),
        ("   \n ", None),
        ('{"oh": well, this is no JSON}', None),
    ],
)
def test_oddities(text, fields):
    for step in (1, 3, len(text)):
        _, reader = read(text, list(range(0, len(text), step)))
        assert reader.finish().fields == fields


def test_surrogate_pair_split_between_pieces_is_joined():
    reader = AnswerReader("reply", KNOWN, wants_object=True)
    for piece in ('{"reply": "a', "\ud83d", "\ude00", 'b"}'):
        reader.feed(piece)
    assert reader.finish().fields == {"reply": "a😀b"}


def test_paragraph_is_shown_as_soon_as_it_is_over():
    partials, _ = read('{"reply": "One.\\n\\nTwo', [18])
    assert partials[-1] == Partial({"reply": "One.\n\nTwo"}, "reply")
    reader = AnswerReader("reply", KNOWN, wants_object=True)
    reader.feed('{"reply": "One.')
    assert reader.feed("\\n\\n").fields["reply"].startswith("One.\n")


def test_long_reply_is_read_in_linear_time():
    import time

    text = json.dumps({"reply": "word " * 40_000})
    began = time.process_time()
    read(text, list(range(0, len(text), 400)))
    assert time.process_time() - began < 2.0  # quadratic parsing in Python would take minutes


def stream(answer: str, *, newline: str = "\n", ends: bool = True) -> bytes:
    events = [
        json.dumps({"choices": [{"index": 0, "delta": {"content": char}}]}, ensure_ascii=False) for char in answer
    ]
    lines = [": keep-alive", *(f"data: {event}" for event in events), *(["data:[DONE]"] if ends else [])]
    return "".join(line + newline + newline for line in lines).encode()


@given(st.lists(st.integers(0, 5_000), max_size=40), st.sampled_from(["\n", "\r\n", "\r"]))
def test_any_split_of_the_bytes_gives_the_same_events(cuts, newline):
    said = json.dumps({**ANSWER, "reply": "Grüße 😀"}, ensure_ascii=False)
    data = stream(said, newline=newline)
    edges = [0, *sorted({cut % len(data) for cut in cuts}), len(data)]
    events = EventReader()
    deltas = [one for start, end in pairwise(edges) for one in events.feed(data[start:end])]
    deltas += list(events.end())
    assert "".join(delta.text for delta in deltas) == said
    assert deltas[-1].is_end


def test_last_event_without_line_end_counts():
    events = EventReader()
    data = stream("ab", ends=False).rstrip()
    assert "".join(one.text for one in [*events.feed(data), *events.end()]) == "ab"


def test_event_over_several_data_lines_is_joined():
    events = EventReader()
    data = b'data: {"choices": [{"delta":\ndata: {"content": "x"}}]}\n\n'
    assert [one.text for one in events.feed(data)] == ["x"]


@pytest.mark.parametrize(
    ("message", "text", "arguments"),
    [
        ({"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}, "ab", ""),
        ({"content": None, "tool_calls": [{"function": {"arguments": {"reply": "x"}}}]}, "", '{"reply": "x"}'),
        ({"content": None, "function_call": {"arguments": "{}"}}, "", "{}"),
        ({"content": "x", "tool_calls": None}, "x", ""),
    ],
)
def test_message_shapes_of_the_field(message, text, arguments):
    events = EventReader()
    body = json.dumps({"choices": [{"message": message, "finish_reason": "stop"}]}).encode()
    assert list(events.feed(body)) == []
    delta = next(events.end())
    assert (delta.text, delta.arguments) == (text, arguments)


DEEP = "[" * 5_000 + "]" * 5_000


@pytest.mark.parametrize(
    ("value", "read_as"),
    [
        ("1" * 6_000, int("1" * DIGITS_MOST)),
        ("-" + "9" * 6_000, -int("9" * DIGITS_MOST)),
        ("0." + "3" * 6_000, pytest.approx(1 / 3)),
        ("0.5", 0.5),
        (f'[1, {{"deep": {DEEP}, "text": "0{"1" * 200}", "beside": [2]}}, 3]', ...),
        (f'{{"a": {DEEP[:4_000]}"]" , {{"b": "\\"" }} {DEEP[6_000:]}}}', ...),
        (DEEP, ...),
        ('{"a":' * 5_000 + "1" + "}" * 5_000, ...),
    ],
    ids=["long", "negative", "fraction", "plain", "among others", "with words in it", "lists", "objects"],
)
@given(cuts=cut_lists)
def test_a_value_no_parser_takes_costs_itself_alone(value, read_as, cuts):
    text = f'{{"appraisals": [{{"confidence": {value}}}], "reply": "Hey 12!", "reaction": null}}'
    partials, reader = read(text, cuts)
    reading = reader.finish()
    assert reading.is_closed and reading.fields is not None
    assert (reading.fields["reply"], reading.fields["reaction"]) == ("Hey 12!", None)
    assert read_as is ... or reading.fields["appraisals"] == [{"confidence": read_as}]
    whole = AnswerReader("reply", KNOWN, wants_object=True)
    whole.feed(text)
    assert reading == whole.finish()
    assert all("Hey 12!".startswith(str(one.fields.get("reply", ""))) for one in partials)


def test_what_stands_beside_a_deep_value_stays():
    _, reader = read(f'{{"appraisals": [1, {{"deep": {DEEP}, "text": "{"1" * 200}"}}, 3], "reply": "Hey"}}', [])
    fields = reader.finish().fields
    assert fields is not None
    first, second, third = fields["appraisals"]
    assert (first, third, second["text"]) == (1, 3, "1" * 200)


@pytest.mark.parametrize("value", ["1" * 6_000, DEEP])
@pytest.mark.parametrize("is_streamed", [True, False])
def test_arguments_given_as_an_object_are_read_all_the_same(value, is_streamed):
    call = f'{{"function": {{"name": "answer", "arguments": {{"appraisals": {value}, "reply": "Hey"}}}}}}'
    said = "delta" if is_streamed else "message"
    body = f'{{"choices": [{{"index": 0, "{said}": {{"tool_calls": [{call}]}}}}]}}'
    source = EventReader()
    deltas = [*source.feed(f"data: {body}\n\n".encode() if is_streamed else body.encode()), *source.end()]
    arguments = json.loads("".join(delta.arguments for delta in deltas))
    assert arguments["reply"] == "Hey"
