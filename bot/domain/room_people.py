"""The people of a room by what they are called, and how names are used among them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from bot.domain.attention_features import Value
from bot.domain.ids import UserId
from bot.domain.message import Person, Speaker
from bot.domain.names import NOT_FOUND, Found, Names, Place, Taken
from bot.domain.room_lines import Line, is_called, names_of, parts_of

PEOPLE_MOST = 24


class People:
    """Who spoke in a room of late, newest last; it keeps no more than a few."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._names: OrderedDict[UserId, Names] = OrderedDict()
        self._parts: dict[UserId, frozenset[str]] = {}

    def __len__(self) -> int:
        return len(self._names)

    def meet(self, one: Person) -> None:
        """Know one who spoke; another bot by the whole of its name alone."""
        self._names[one.user_id] = Names(one.display_name) if one.is_bot else names_of(one.display_name)
        self._parts[one.user_id] = parts_of(one.display_name)
        self._names.move_to_end(one.user_id)
        while len(self._names) > PEOPLE_MOST:
            gone, _ = self._names.popitem(last=False)
            del self._parts[gone]

    def named(self, author: UserId, taken: Taken, hers: Names) -> tuple[frozenset[UserId], Found, frozenset[UserId]]:
        """Find who beside the *author* is called by name, the strongest use of anybody's, and whom the line names."""
        called: set[UserId] = set()
        spoken: set[UserId] = set()
        best = NOT_FOUND
        for user_id, names in self._names.items():
            found = names.find(taken) if user_id != author else NOT_FOUND
            if not found.place or hers.find(found.form).place:
                continue  # what begins like her name is hers
            is_whole = found.form in self._parts[user_id]
            if is_called(found) or (is_whole and _is_asked(found)):
                called.add(user_id)
            elif found.is_alike or (found.is_weak and not found.is_big and not is_whole):
                continue  # a part of a name is a word as well, or a word begins like it
            spoken.add(user_id)
            best = max(best, found, key=lambda one: one.place)
        return frozenset(called), best, frozenset(spoken)

    def with_her_name(self, author: UserId, found: Found, before: Sequence[Line]) -> dict[str, Value]:
        """Say whether somebody beside the *author* is called by the form of her name that was found."""
        if not found.place:
            return {}
        bearers = {
            user_id
            for user_id, parts in self._parts.items()
            if user_id != author and any(part.startswith(found.form) for part in parts)
        }
        last = next((line.author for line in reversed(before) if line.author != author), None)
        return {"is_name_shared": bool(bearers), "is_name_near": last in bearers}


def _is_asked(found: Found) -> bool:
    """Say whether a name that is short, though all of a word of somebody's, is called by a question."""
    return found.is_asked and not found.is_small and found.place >= Place.ENDS


def name_facts(found: Found, others: Found, before: Sequence[Line]) -> dict[str, Value]:
    """Say how a line uses her name, beside the strongest use of anybody else's."""
    return {
        "place": int(found.place),
        "is_called": is_called(found),
        "is_name_asked": found.is_asked,
        "is_name_small": found.is_small,
        "is_name_first": found.is_first,
        "is_name_weak": found.is_weak,
        "is_name_begun": found.is_begun,
        "is_name_big": found.is_big,
        "is_name_drawn": found.is_drawn,
        "is_name_alike": found.is_alike,
        "name_before": found.before,
        "name_after": found.after,
        "is_name_twice": found.is_repeated,
        "is_name_led_on": not found.is_drawn and found.place is not Place.NOWHERE and others.follows == found.form,
        "passed_by": _passed_by(found.form, before) if found.form else 0,
    }


def _passed_by(form: str, before: Sequence[Line]) -> int:
    """Count the lines that used a form of her name and after which she said nothing at once."""
    count = 0
    for number, line in enumerate(before):
        if line.ordinary == form:
            after = before[number + 1 : number + 3]
            count += not any(one.speaker is Speaker.SELF for one in after)
    return count
