"""How much each sign says for or against a line being hers, and what room there is for speaking unasked.

Source: docs/attention.md, "Weights": chosen from principle, then fitted to labelled talk.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import exp, log1p

from bot.domain.attention_features import Features
from bot.domain.names import Place

VERSION = 4  # of signals, weights and rules together; 1 knew direct messages, mentions and replies alone

RECENT_S = 240.0  # after so long without a word, an exchange holds a third of its grip
QUIET_S = 1_200.0  # after so long, a room has gone still
GAPS_HELD = 1.5  # in a slow room an exchange lasts as long as so many of its usual pauses
GAP_MOST_S = 3_600.0
STRAY = 0.7  # what is left of the grip after each line between others
TOO_SOON_S = 6.0  # nobody reads and writes faster
PACE_USUAL = 1.1  # log of 1 + 2 lines a minute
STILL_S = 7_200.0  # after so long, what nobody has spoken since holds a third
BRIEF = 40.0  # letters of two lines that together say little
WORDS_FEW = 12  # letters of a line that says little
CALLED_BAR = 0.0

WEIGHTS: Mapping[str, float] = {
    "to begin with": -1.7,
    "called by name": 5.7,
    "called by a pet name": -2.8,
    "name led by a word": -1.8,
    "name led by a small word": -0.4,
    "name said twice": -2.3,
    "name drawn out": 0.7,
    "name written as one": 0.7,
    "name is a word in this language": -2.4,
    "name is a word in this language, set off": -0.6,
    "short name is a word in this language": -3.7,
    "somebody else has the name": -0.9,
    "who has the name has just spoken": -2.8,
    "short name called": 3.8,
    "name leads": 3.8,
    "name leads a later clause": -1.2,
    "name leads a later sentence": -0.6,
    "name leads a question": 1.4,
    "name ends": 2.5,
    "name ends a question": 2.0,
    "name second": 3.0,
    "name second, asking": 1.5,
    "spoken of, asking": 0.8,
    "name before another's": -4.1,
    "name is a common word here": -0.2,
    "short name is a common word here": -1.6,
    "goes on with her": 1.5,
    "right after her": 2.3,
    "still in talk with her": 2.0,
    "perhaps goes on with her": 1.2,
    "nothing said since her": 0.8,
    "soon after her, by another": 0.5,
    "asks after her, by another": 0.8,
    "answers her question, by another": 1.0,
    "she spoke of the author": 0.8,
    "she spoke to another": -0.8,
    "she spoke between others": -1.0,
    "little said on both sides": -1.3,
    "says after her": -1.3,
    "right after her, by another": 2.7,
    "too soon after her": -1.8,
    "she spoke unasked": -0.6,
    "answers her question": 1.8,
    "asks after her": 1.4,
    "takes up her words": 1.3,
    "own line to her before": 2.5,
    "alone with her": 1.2,
    "thread of hers": 4.0,
    "own line to others before": -2.0,
    "little said to her": -1.8,
    "little said": -1.5,
    "no words": -2.6,
    "replies to another": -5.0,
    "mentions another": -5.0,
    "calls another by name": -3.7,
    "another's name leads": -2.7,
    "another's name second": -2.0,
    "speaks of another": -1.6,
    "was spoken to by another": -1.5,
    "two among themselves": -0.9,
    "turned to others": -1.5,
    "open question": 0.6,
    "nobody else is around": 1.5,
    "asks into silence": 0.4,
    "asks again": 1.9,
    "speaks into silence": 3.0,
    "calls everybody": 1.5,
    "room is fast": -0.3,
    "her share": -0.9,
    "nobody took her up": -0.7,
    "interest": 1.2,
    "mood": 0.3,
    "need": 0.4,
}
# What makes her speak where nobody asked her; without these, a line that reaches her is one she is expected to answer.
UNASKED = frozenset(
    (
        "open question",
        "nobody else is around",
        "asks into silence",
        "asks again",
        "speaks into silence",
        "calls everybody",
        "interest",
        "mood",
        "need",
    )
)


def signals(features: Features) -> dict[str, float]:
    """Give every sign that a line carries, by its name; each is some 0 to 1 strong."""
    found = {"to begin with": 1.0}
    for part in (_named, _exchange, _to_others, _room, _herself):
        found.update(part(features))
    return {name: value for name, value in found.items() if value}


def contributions(features: Features) -> dict[str, float]:
    """Give what each sign adds to the score."""
    return {name: WEIGHTS[name] * value for name, value in signals(features).items() if WEIGHTS[name]}


def is_named(features: Features) -> bool:
    """Say whether her name stands where a call would have it; then it matters less what was before the line."""
    return features.place >= Place.SECOND


def is_expecting(features: Features) -> bool:
    """Say whether the author may expect her to answer: by her name, or in an exchange that is theirs with her.

    Whoever merely speaks after a line of hers to somebody else does not, however much it looks like an answer to it.
    """
    is_theirs = features.was_to_her or features.run_to == "her" or (features.her_to_author and features.her_sure)
    return features.place > 0 or features.is_own_thread or is_theirs


def _named(features: Features) -> dict[str, float]:
    place, asked, weak = features.place, features.is_name_asked, features.is_name_weak
    common = float(min(3, features.passed_by)) if place < Place.AT else 0.0
    later = float(place == Place.OPENS and not features.is_name_first)
    word = features.name_is_word * (not weak)
    is_call = place >= Place.SECOND
    is_free = is_call and place < Place.AT and not features.is_name_big
    common = common * (not features.is_name_big)
    found = {
        "name before another's": float(features.is_name_led_on),
        "somebody else has the name": float(is_call and features.is_name_shared),
        "who has the name has just spoken": float(is_call and features.is_name_near),
        "name is a word in this language": (is_free and place < Place.ALONE and not asked) * word,
        "name is a word in this language, set off": (is_free and not asked and place == Place.ALONE) * word,
        "name said twice": float(place == Place.OPENS and features.is_name_twice),
        "name drawn out": float(is_call and features.is_name_drawn),
        "name written as one": float(is_call and features.is_name_big),
    }
    if weak and place < Place.AT:
        called = place >= Place.LED or (place == Place.OPENS and not later)
        return found | {
            "short name called": float(called),
            "short name is a common word here": called * common,
            "short name is a word in this language": called * (not asked) * features.name_is_word,
        }
    return found | {
        "name is a common word here": common if place >= Place.SECOND else 0.0,
        "called by name": float(place >= Place.LED),
        "name leads": float(place == Place.OPENS),
        "called by a pet name": float(features.is_name_alike),
        "name led by a word": float(place == Place.LED and features.name_before > 0),
        "name led by a small word": float(Place.SECOND <= place <= Place.LED and 0 < features.name_before < 4),
        "name leads a later clause": later * (not features.is_name_begun),
        "name leads a later sentence": later * features.is_name_begun,
        "name leads a question": float(place == Place.OPENS and asked),
        "name ends": float(place == Place.ENDS),
        "name ends a question": float(place == Place.ENDS and asked),
        "name second": float(place == Place.SECOND),
        "name second, asking": float(place == Place.SECOND and asked),
        "spoken of, asking": float(0 < place < Place.SECOND and asked),
    }


def _exchange(features: Features) -> dict[str, float]:
    found = {
        "own line to her before": float(features.run_to == "her"),
        "thread of hers": float(features.is_own_thread),
    }
    if features.her_ago_s is None:
        return found
    slow = max(RECENT_S, GAPS_HELD * min(features.usual_gap_s, GAP_MOST_S))
    near = exp(-features.her_ago_s / slow) * STRAY**features.strays_since_her
    elsewhere = is_to_others(features)
    if elsewhere or features.run_to == "other":
        near = 0.0
    first = features.own_since_her == 0
    is_next = features.lines_since_her == 0
    is_partner = features.her_to_author or features.was_to_her
    few = max(0.0, 1.0 - features.letters / WORDS_FEW) * (not features.is_question)
    is_end = first and not features.is_question and not features.her_asked
    brief = 1.0 / (1.0 + (features.letters + features.her_letters) / BRIEF)
    talked = 0.0 if elsewhere or features.talked_ago_s is None else exp(-features.talked_ago_s / slow)
    still = 0.0 if elsewhere or not is_next else exp(-features.her_ago_s / STILL_S)
    return found | {
        "goes on with her": near * (features.her_to_author and features.her_sure and not features.is_turned),
        "still in talk with her": talked,
        "perhaps goes on with her": near * (features.her_to_author and not features.her_sure),
        "right after her": near * (is_next and is_partner),
        "nothing said since her": still * is_partner * (features.her_sure or features.her_asked),
        "right after her, by another": near * (is_next and not is_partner),
        "soon after her, by another": near * (not is_next and first and not is_partner),
        "asks after her, by another": near * (features.is_question and first and not is_partner),
        "answers her question, by another": near * (features.her_asked and first and not is_partner),
        "she spoke of the author": near * features.her_names_author,
        "she spoke to another": near * (features.her_names_other and not features.her_names_author),
        "she spoke between others": near * (features.her_between and not features.her_sure),
        "little said on both sides": near * is_end * brief,
        "says after her": near * is_end * min(1.0, features.rounds / 3),
        "too soon after her": near * (features.her_ago_s < TOO_SOON_S),
        "she spoke unasked": near * (features.her_unasked and not features.her_asked),
        "answers her question": near * (features.her_asked and first and not features.her_to_other),
        "asks after her": near * (features.is_question and first),
        "takes up her words": features.echo_her * near * (1.0 - few),
        "alone with her": near * (features.others_near == 0),
        "little said to her": near * few,
        "turned to others": float(features.is_turned and not is_named(features)),
    }


def is_to_others(features: Features) -> bool:
    """Say whether a line is openly addressed to somebody else."""
    return features.replies_other or features.mentions_other or features.is_other_called


def _to_others(features: Features) -> dict[str, float]:
    found = {
        "replies to another": float(features.replies_other),
        "mentions another": float(features.mentions_other),
        "calls another by name": float(features.is_other_called),
    }
    if is_named(features):
        return found
    return found | {
        "another's name leads": float(features.others_place == Place.OPENS and not features.is_other_called),
        "another's name second": float(features.others_place == Place.SECOND and not features.is_other_called),
        "speaks of another": float(features.others_place > 0 and not features.is_other_called),
        "was spoken to by another": float(features.is_pointed),
        "two among themselves": float(features.is_pair),
        "own line to others before": float(features.run_to == "other"),
        "little said": max(0.0, 1.0 - features.letters / WORDS_FEW) * (not features.is_question),
        "no words": float(features.is_wordless or features.is_pointing),
    }


def _room(features: Features) -> dict[str, float]:
    if is_named(features):
        return {"calls everybody": float(features.mentions_all)}
    is_open = features.is_question and not is_to_others(features) and not features.is_pointed
    is_open = is_open and features.others_place == 0
    is_lone = is_open and not features.is_set_off
    is_still = features.pause_s is None or features.pause_s > QUIET_S
    return {
        "open question": float(is_open),
        "nobody else is around": float(is_lone and (features.others_near == 0 or is_still)),
        "asks into silence": float(is_lone and is_still),
        "asks again": float(features.asks_again),
        "speaks into silence": float(features.waits and features.others_near == 0 and not features.others_place),
        "calls everybody": float(features.mentions_all),
        "room is fast": is_open * min(1.0, max(0.0, log1p(features.pace) - PACE_USUAL)),
        "her share": max(0.0, features.share - 0.3),
        "nobody took her up": min(3.0, features.untaken),
    }


def _herself(features: Features) -> dict[str, float]:
    return {
        "interest": 0.0 if features.interest is None else max(0.0, features.interest),
        "mood": features.pleasure * 0.5 + features.arousal * 0.5,
        "need": features.need - 0.5,
    }
