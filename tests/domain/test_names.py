"""How a text uses a name: called, spoken of, or only looking like it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.names import Names, NameUse, is_question
from tests.data.group_talk import her_names

HER = her_names()


@pytest.mark.parametrize(
    "text",
    [
        "mira",
        "Mira?",
        "MIRA!!!",
        "miraaaa",
        "Mira, what do you think?",
        "hey Mira!",
        "ok, mimi, go on",
        "what do you think mira?",
        "ｍｉｒａ, hi",
        "**mira**, hi",
        "mira 🙏 can you help",
        "Mirachen, do you know this",
        "@mira look",
        "mír?",
        "Мира, ты тут?",
        "Μίρα τι λες;",
        "ミラ、どう思う？",
        "ミラちゃんはどう思う？",
        "みら、起きてる？",
        "미라야 뭐해",
        "미라는 어떻게 생각해?",
        "米拉你觉得呢？",
        "يا ميرا",
        "मीरा, क्या?",
        "מירה מה את אומרת?",
        "มิราคิดว่าไง?",
    ],
)
def test_she_is_called(text):
    assert HER.find(text).use is NameUse.CALLED


@pytest.mark.parametrize(
    "text",
    [
        "I asked mira yesterday",
        "that was mira's idea",
        "Mira'ya söyledim",
        "Скажи Мире",
        "وميرا",
        "미라가 그랬어",
        "gib mir das",
        "kommst du mit mir?",
        "he wrote “mira is late” again",
    ],
)
def test_she_is_spoken_of(text):
    assert HER.find(text).use is NameUse.SPOKEN_OF


@pytest.mark.parametrize(
    "text",
    [
        "",
        "it is a miracle",
        "Miriam, hi",
        "a mirage",
        "how admirable",
        "Mirachen",
        "what a Mirachen, really",
        "Mirabelle, ja",
        "ミラノに行く",
        "ミラーだ",
        "みらいの話",
        "미라클이다",
        "`mira`",
        "> mira\nyes",
        "https://mira.example/mira",
        "<:mira:123456>",
        "mirra",
    ],
)
def test_what_only_looks_like_her_name_is_none(text):
    assert HER.find(text).use is NameUse.NONE


def test_a_companion_without_nicknames_is_found_as_well():
    assert Names("Jasmine").find("jasmine, tea?").use is NameUse.CALLED
    assert Names("Jasmine").find("jasmin tea").use is NameUse.NONE


@pytest.mark.parametrize("text", ["a?", "ａ？", "هل؟", "τι λες;", "¿qué", "what ❓", "՞"])
def test_question_marks_of_all_scripts(text):
    assert is_question(text)


def test_a_semicolon_asks_in_greek_alone():
    assert not is_question("well; yes")


@given(st.text(max_size=300))
def test_any_text_can_be_read(text):
    assert HER.find(text).use in NameUse


@given(st.sampled_from(["mira", "Мира", "ミラ", "미라", "米拉", "मीरा", "מירה"]))
def test_the_bare_name_calls_in_every_script(name):
    assert HER.find(name).use is HER.find(f"{name}!").use is NameUse.CALLED
