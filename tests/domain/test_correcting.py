"""What a correction takes the place of, and what it leaves alone, whatever the names and in several languages."""

from __future__ import annotations

import pytest

from bot.domain.correcting import corrects, shares_subject

CORRECTED = [
    ("{} lives in Bergen now, no longer in Porto.", "{} lives in Porto, near the river."),
    ("{} does not live in Porto any more; {} lives in Bergen.", "{} lives in Porto, near the river."),
    ("{} is no longer a baker; he is a pilot now", "{} works as a baker in the old town"),
    ("{} stopped baking: {} is not a baker any more", "{} is a baker"),
    ("{}'s landlord is Mrs Petrov.", "{}'s landlord is Mr Okafor."),
    ("{}'s sister is called Nora and plays chess.", "{}'s sister is called Mara and plays chess."),
    ("{}'s sister is called Anna, not Hanna.", "{}'s sister is called Hanna."),
    ("{} lives in Tromsø now, no longer in Bergen.", "{} lives in Bergen now, no longer in Porto."),
    ("{} no longer has a dog", "{} has a dog called Rex"),
    ("{} doesn't eat meat any more.", "{} eats meat every Sunday."),
    ("{} has 3 cats", "{} has 2 cats"),
    ("{} lives in Berlin", "{} lives in Paris"),
    ("{} works as a pilot, not as a baker", "{} works as a baker"),
    ("{} wohnt jetzt in Bergen, nicht mehr in Porto.", "{} wohnt in Porto, nahe am Fluss."),
    ("{} arbeitet nicht mehr als Bäcker.", "{} arbeitet als Bäcker in der Altstadt."),
    ("{} habite maintenant à Bergen, plus à Porto.", "{} habite à Porto, près du fleuve."),
    ("{} ya no vive en Oporto, ahora vive en Bergen.", "{} vive en Oporto, cerca del río."),
    ("{} agora mora em Bergen, não mora mais no Porto.", "{} mora no Porto, perto do rio."),
    ("{} woont nu in Bergen, niet meer in Porto.", "{} woont in Porto, bij de rivier."),
    ("{} mieszka teraz w Bergen, już nie w Porto.", "{} mieszka w Porto, nad rzeką."),
    ("{} теперь живёт в Бергене, больше не в Порту.", "{} живёт в Порту, у реки."),
    ("{} artık Porto'da değil, Bergen'de yaşıyor.", "{} Porto'da yaşıyor."),
    ("{}现在住在卑尔根，不再住在波尔图。", "{}住在波尔图，靠近河边。"),
    ("{}は今ベルゲンに住んでいて、もうポルトには住んでいません。", "{}はポルトに住んでいます。"),
]
LEFT_ALONE = [
    ("{} is no longer afraid of dogs", "{} has a dog called Rex"),
    ("{} works in Bergen now, no longer in Porto.", "{} lives in Porto."),
    ("{} lives in Bergen now, no longer in Porto.", "{}'s sister lives in Porto."),
    ("{}'s sister lives in Bergen now, no longer in Porto.", "{} lives in Porto."),
    ("{} is no fan of Porto any more.", "{} lives in Porto."),
    ("{}'s cat is called Milo", "{}'s dog is called Rex"),
    ("{} has a cat called Milo", "{} has a dog called Rex"),
    ("{} met Anna in Porto", "{} lives in Porto"),
    ("{} lives with a friend", "{} lives in Porto"),
    ("{} lives with Ana", "{} lives in Porto"),
    ("{} no longer likes tea", "{} drinks tea every morning"),
    ("{} is no longer a baker", "{} is no longer a baker; {} is a pilot now"),
    ("{} lives in Bergen now, no longer in Porto.", "{} plays chess on Sundays."),
    ("{}'s favourite tea is sencha.", "{}'s bike is a red Peugeot."),
    ("{} hat keine Angst mehr vor Hunden.", "{} hat einen Hund namens Rex."),
    ("{} n'a plus peur des chiens.", "{} a un chien qui s'appelle Rex."),
    ("{} ya no tiene miedo a los perros.", "{} tiene un perro que se llama Rex."),
    ("{} больше не боится собак.", "У {} есть собака по кличке Рекс."),
    ("{}不再怕狗了。", "{}养了一只叫雷克斯的狗。"),
    ("{}はもう犬が怖くない。", "{}はレックスという犬を飼っている。"),
]
NAMES = ("Kai", "Juno", "Maximiliane", "Jo")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("newer", "older"), CORRECTED)
def test_a_correction_meets_what_it_corrects(newer, older, name):
    assert corrects(newer.format(name, name), older.format(name, name), [name]) > 0


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("newer", "older"), LEFT_ALONE)
def test_a_correction_leaves_alone_what_it_does_not_speak_of(newer, older, name):
    assert corrects(newer.format(name, name), older.format(name, name), [name]) == 0


@pytest.mark.parametrize(("newer", "older"), [pair for pair in LEFT_ALONE if "is no longer a baker" not in pair[0]])
def test_nor_the_other_way_round(newer, older):
    assert corrects(older.format("Kai", "Kai"), newer.format("Kai", "Kai"), ["Kai"]) == 0


@pytest.mark.parametrize("name", NAMES)
def test_what_is_said_of_one_matter_shares_a_subject_and_a_name_is_none(name):
    landlord, other = f"{name}'s landlord is Mr Okafor.", f"{name}'s landlord is Mrs Petrov."
    assert shares_subject(landlord, other, [name])
    assert not shares_subject(landlord, f"{name} plays chess on Sundays.", [name])
    assert not shares_subject(f"{name} is {name}", f"{name} is here", [name])
