"""Short codes a model copies exactly."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.ids import MESSAGE_CODE, PERSON_CODE, short_code

LOOK_ALIKES = set("01iloILO")
SNOWFLAKES = st.integers(0, 2**63 - 1)


@given(st.sampled_from("um"), SNOWFLAKES)
def test_a_code_is_stable_short_and_without_look_alikes(kind, number):
    code = short_code(kind, number)
    assert code == short_code(kind, number)
    assert re.fullmatch({"m": MESSAGE_CODE, "u": PERSON_CODE}[kind], code)
    assert (code[0], len(code)) == (kind, {"m": 7, "u": 6}[kind])
    assert code[-1].isdigit(), "so that no word is a code"
    assert code.isascii()
    assert code == code.lower()
    assert not set(code[1:]) & LOOK_ALIKES


def test_codes_are_the_same_in_every_release():
    assert short_code("m", 175928847299117063) == "m5k65a5"
    assert short_code("u", 175928847299117063) == "ugn9g4"


def test_the_lines_of_a_turn_have_codes_of_their_own():
    first = 1_300_000_000_000_000_000
    assert len({short_code("m", first + n * 4_194_304) for n in range(50)}) == 50


def test_in_a_years_talk_of_one_channel_hardly_any_two_lines_share_a_code():
    first = 1_300_000_000_000_000_000
    lines, people = range(0, 20_000 * 4_194_304, 4_194_304), range(0, 500 * 10**12, 10**12)
    assert len({short_code("m", first + at) for at in lines}) >= 20_000 - 4
    assert len({short_code("u", first + at) for at in people}) == 500
