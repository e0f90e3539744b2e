"""The people of a room by what they are called."""

from __future__ import annotations

import pytest

from bot.domain.ids import UserId
from bot.domain.message import Person
from bot.domain.names import Names, Place, Taken
from bot.domain.room_people import PEOPLE_MOST, People

HERS = Names("Mira", ["mimi", "mir"])
THEO, SOL, XIO, BOT, OKAFOR = (
    Person(UserId(10), "theo_reads"),
    Person(UserId(11), "Sol"),
    Person(UserId(12), "Xiomara de la Cruz"),
    Person(UserId(13), "LevelUp", is_bot=True),
    Person(UserId(14), "Mimi Okafor"),
)


def room():
    people = People()
    for one in (THEO, SOL, XIO, BOT, OKAFOR):
        people.meet(one)
    return people


def named(text):
    return room().named(UserId(99), Taken(text), HERS)


@pytest.mark.parametrize(
    ("text", "whom"),
    [("theo, are you there", THEO), ("did you sleep, Sol?", SOL), ("Sol did you sleep?", SOL), ("ok Xiomara, go", XIO)],
)
def test_who_is_called_is_found(text, whom):
    called, _, spoken = named(text)
    assert called == {whom.user_id} <= spoken


@pytest.mark.parametrize("text", ["is the narrator lying", "de eerste trein", "a level above", "so la la land"])
def test_small_parts_of_names_are_words(text):
    called, best, spoken = named(text)
    assert (called, best.place, spoken) == (frozenset(), Place.NOWHERE, frozenset())


def test_a_short_form_with_a_capital_is_a_name():
    assert named("ok Xio you can keep it")[2] == {XIO.user_id}


def test_who_goes_by_her_name_is_known():
    found = HERS.find("mimi you are an angel")
    facts = room().with_her_name(UserId(99), found, [])
    assert facts == {"is_name_shared": True, "is_name_near": False}
    assert room().with_her_name(OKAFOR.user_id, found, [])["is_name_shared"] is False


def test_only_the_newest_are_kept():
    people = People()
    for number in range(100):
        people.meet(Person(UserId(number + 1), f"Guest {number}"))
    assert len(people) == PEOPLE_MOST
