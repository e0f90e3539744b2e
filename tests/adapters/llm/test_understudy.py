"""The understudy: a proper OpenAI-compatible server, open about its canned lines."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot.adapters.llm.chat import OpenAIChatModel
from bot.adapters.llm.presets import Endpoint, understudy
from bot.adapters.llm.probe import probe_endpoint
from bot.adapters.llm.rungs import Rung
from bot.ports import Partial
from playground.understudy import Understudy
from playground.understudy_mind import Line as SaidLine
from playground.understudy_mind import answer, appraise, conform, cues_in, read_lines
from tests.adapters.llm.conftest import ask, finish, request

ROOT = Path(__file__).parents[3]
AXES = ["desirability", "praiseworthiness", "warmth", "respect", "trust_signal", "user_valence", "prospect"]


@pytest.fixture
async def running() -> AsyncIterator[Understudy]:
    async with Understudy(word_delay_s=0) as server:
        yield server


def said(text: str, ref: str = "mk7q2", name: str = "Ana") -> dict[str, str]:
    return {"role": "user", "content": json.dumps({"ref": ref, "from": "u3f9k", "name": name, "text": text})}


async def post(server: Understudy, body: object) -> tuple[int, dict[str, object]]:
    async with aiohttp.ClientSession() as http, http.post(f"{server.base_url}/chat/completions", json=body) as got:
        return got.status, await got.json()


@pytest.mark.parametrize("rung", list(Rung))
async def test_every_rung_is_served(running, rung):
    endpoint = Endpoint(kind="understudy", base_url=running.base_url, model="understudy", first_rung=rung)
    model = OpenAIChatModel(endpoint)
    done = await finish(model)
    await model.aclose()
    assert (done.rung, done.attempts, done.whole) == (rung, 1, True)
    assert done.degraded == (rung is Rung.TEXT)
    assert "understudy" in done.fields["reply"] and "OPENAI_API_KEY" in done.fields["reply"]
    assert done.tokens_in and done.tokens_out


async def test_reply_arrives_word_by_word():
    async with Understudy(word_delay_s=0.002) as server:
        model = OpenAIChatModel(understudy(server.base_url).quality)
        pieces = [one for one in await ask(model, request()) if isinstance(one, Partial)]
        await model.aclose()
    assert len(pieces) > 3 and pieces[0].fields["appraisals"][0]["message"] == "mk7q2"


async def test_probe_knows_the_understudy(running):
    assert (await probe_endpoint(understudy(running.base_url).quality)).is_ok


async def test_health_and_models(running):
    async with aiohttp.ClientSession() as http:
        async with http.get(running.base_url.removesuffix("/v1") + "/health") as got:
            assert (await got.json())["status"] == "ok"
        async with http.get(f"{running.base_url}/models/understudy") as got:
            assert (await got.json())["id"] == "understudy"


@pytest.mark.parametrize(
    ("change", "status", "param"),
    [
        ({"model": "gpt-5.4"}, 404, "model"),
        ({"model": None}, 400, "model"),
        ({"messages": []}, 400, "messages"),
        ({"response_format": {"type": "yaml"}}, 400, "response_format.type"),
        ({"response_format": {"type": "json_object"}}, 400, "messages"),
    ],
)
async def test_refusals_are_worded_as_openai_words_them(running, change, status, param):
    body = {"model": "understudy", "messages": [{"role": "user", "content": "hi"}]} | change
    got, told = await post(running, body)
    assert (got, told["error"]["param"]) == (status, param)
    assert set(told["error"]) == {"message", "type", "param", "code"}


async def test_whole_answer_without_stream(running):
    _, told = await post(running, {"model": "understudy", "messages": [said("hi")]})
    assert told["object"] == "chat.completion" and told["choices"][0]["finish_reason"] == "stop"
    assert told["usage"]["total_tokens"] > 0


def test_same_prompt_gets_the_same_answer():
    assert answer([said("hello")]) == answer([said("hello")])


def test_only_the_first_answer_explains_itself():
    later = [said("hi"), {"role": "assistant", "content": "Hey you."}, said("nice weather")]
    assert "OPENAI_API_KEY" in answer([said("hi")])["reply"]
    assert "OPENAI_API_KEY" not in answer(later)["reply"]


@pytest.mark.parametrize("text", ["who are you?", "Are you human?", "bist du ein Mensch?", "кто ты?", "你是谁"])
def test_asked_what_she_is_she_says_code_and_canned(text):
    later = [said("hi"), {"role": "assistant", "content": "Hey you."}, said(text)]
    reply = answer(later)["reply"].lower()
    assert (
        "understudy" in reply and ("code" in reply or "software" in reply) and "canned" in reply
    ) or "written beforehand" in reply


def test_lines_are_not_repeated_while_there_are_others():
    talk, replies = [said("hi")], []
    for _ in range(4):
        replies.append(answer(talk)["reply"])
        talk += [{"role": "assistant", "content": replies[-1]}, said("hi")]
    assert len({reply.split("\n")[0] for reply in replies}) == 4


def test_every_waiting_line_is_appraised_and_only_those():
    talk = [
        said("old", "mold2"),
        {"role": "assistant", "content": "Mm."},
        said("thanks!", "mnew2"),
        said("idiot", "mnew3"),
    ]
    talk.append({"role": "system", "content": "Now: evening."})
    assert [one["message"] for one in answer(talk)["appraisals"]] == ["mnew2", "mnew3"]


def test_pictures_are_counted_and_measured():
    png = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + (640).to_bytes(4, "big") + (480).to_bytes(4, "big")
    urls = [f"data:image/png;base64,{b64encode(one).decode()}" for one in (png, b"what")]
    parts = [{"type": "text", "text": said("hello")["content"]}]
    parts += [{"type": "image_url", "image_url": {"url": url}} for url in urls]
    reply = answer([{"role": "user", "content": parts}])["reply"]
    assert reply.startswith("2 pictures, 640 by 480:") and len(reply.split("\n\n")) > 1
    assert answer([{"role": "user", "content": parts[:2]}])["reply"].startswith("One picture, 640 by 480:")
    assert "picture" not in answer([{"role": "user", "content": parts[:1]}])["reply"].split("\n\n")[0]


@pytest.mark.parametrize(("text", "speaks"), [("can anyone help me?", True), ("bus 12 leaves at nine", False)])
async def test_asked_whether_to_speak_it_decides_by_the_newest_line(running, text, speaks):
    schema = {"type": "object", "properties": {"speak": {"type": "boolean"}}, "required": ["speak"]}
    wanted = {"type": "json_schema", "json_schema": {"name": "decision", "schema": schema}}
    body = {"model": "understudy", "messages": [said("hi there?"), said(text)], "response_format": wanted}
    _, got = await post(running, body)
    assert json.loads(got["choices"][0]["message"]["content"]) == {"speak": speaks}


def test_prompt_of_another_shape_is_answered_too():
    assert read_lines([{"role": "user", "content": "just text"}])[0].text == "just text"
    assert answer([])["reply"]
    assert answer([{"role": "user", "content": '{"ref": broken "text"'}])["reply"]


@pytest.mark.parametrize(
    ("text", "axis", "sign"),
    [
        ("thank you so much", "warmth", 1),
        ("danke dir", "warmth", 1),
        ("you are stupid", "respect", -1),
        ("te odio", "desirability", -1),
        ("I feel so lonely", "user_valence", -1),
        ("мне грустно", "user_valence", -1),
        ("sorry about that", "apology", 1),
        ("haha", "humor", 1),
        ("I passed my exam, I am so happy", "desirability", 1),
        ("you forgot my birthday", "own_fault", 1),
        ("大好き", "warmth", 1),
    ],
)
def test_words_move_the_appraisal(text, axis, sign):
    assert appraise(SaidLine("m", "u", "Ana", text))[axis] * sign > 0


def test_appraisals_stay_in_range():
    loud = " ".join(["I love you thank you sorry haha you're great idiot hate you sad scared your fault"] * 3)
    axes = appraise(SaidLine("m", "u", "Ana", loud))
    assert all(-3 <= axes[axis] <= 3 for axis in AXES)
    assert all(0 <= axes[axis] <= 3 for axis in ("unexpectedness", "interest", "humor", "apology", "own_fault"))
    assert 0 <= axes["confidence"] <= 1


def test_negated_words_do_not_count():
    assert "insult" not in cues_in("you are not stupid") and "insult" in cues_in("you are stupid")


def test_names_cannot_smuggle_anything_in():
    for number in range(20):
        reply = answer([{"role": "assistant", "content": "x"}, said(f"hello {number}", name="@everyone **{name}**")])[
            "reply"
        ]
        assert "@" not in reply and "*" not in reply and "{" not in reply


def test_conform_gives_what_a_strict_schema_wants():
    schema = {
        "type": "object",
        "properties": {
            "reply": {"type": "string"},
            "mood": {"enum": ["calm", "wild"]},
            "expression": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "count": {"type": "integer"},
        },
    }
    given = {"count": None, "expression": None, "reply": "x", "mood": "odd", "more": 1}
    assert conform(given, schema) == {"reply": "x", "mood": "calm", "expression": None, "count": 0}


@pytest.mark.parametrize("module", ["playground.understudy", "tests.scripted_model"])
def test_command_prints_its_address_and_ends_with_its_input(module):
    process = subprocess.Popen(
        [sys.executable, "-m", module], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert json.loads(process.stdout.readline())["base_url"].startswith("http://127.0.0.1:")
    began = time.monotonic()
    process.stdin.close()
    assert process.wait(timeout=10) == 0
    assert time.monotonic() - began < 5
    process.stdout.close()


async def test_port_in_use_is_told(running):
    port = running.base_url.split(":")[2].split("/")[0]
    command = (sys.executable, "-m", "playground.understudy", "--port", port)
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stderr=asyncio.subprocess.PIPE)
    _, told = await process.communicate()
    assert process.returncode == 2 and f"port {port}" in told.decode()
