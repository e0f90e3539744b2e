"""Which persona she wears: what was chosen for the place, and what she slips into by herself and out of again.

Pure. What a line means comes from its appraisal, never from its words. By herself she only goes where nobody has to
agree: into the shelter of her companion, or back to what was chosen, and never into a persona that needs opting in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.affect.appraisal import Appraisal
from bot.domain.persona import Companion, Persona, Rating

PRESSURE_MOST = 4
SLIPS_AT = 2  # pressure: one line in despair, or two bad ones in turns that follow each other; chosen by ear
CALM_TURNS = 3  # light turns in a row after which she is back; chosen by ear
BRIDGED_TURNS = 2  # answers in which a change shows
TALK_OVER_AFTER = timedelta(hours=12)  # what she slipped into belongs to one talk
STILL_ON_AFTER = timedelta(hours=1)  # a talk that stays hard is noted as going on that often
SURE_FROM = 0.5  # confidence; below it a low line may be irony, and a light one a brave face
LOW, LOWEST = -2, -3  # `user_valence` of somebody who feels bad, and of somebody in despair
AIMED = -2  # `warmth` or `respect` of a line that is against her: its writer is angry, not in need


class Because(StrEnum):
    """Why she speaks in another manner than before."""

    CHOSEN = "chosen"
    SHELTER = "shelter"
    HEAVY = "heavy"
    CALM = "calm"


@dataclass(frozen=True, slots=True)
class Tone:
    """What the lines of a turn sounded like; *despair* is 0 to 2, *is_light* that surely nobody in it felt bad.

    A turn of which nothing could be read is neither heavy nor light.
    """

    despair: int = 0
    is_heavy: bool = False
    is_light: bool = False


@dataclass(frozen=True, slots=True)
class Wearing:
    """What is kept of a channel between its turns.

    *slipped* is worn in place of what was chosen. *pressure* in [0, 4] is how hard the last turns were, *calm* how
    many light ones in a row there were since she slipped. *came_from* is the persona before the last change, which
    shows in *bridges* more answers. *changed_at* is when any of it last changed.
    """

    slipped: str | None = None
    pressure: int = 0
    calm: int = 0
    came_from: str | None = None
    because: Because | None = None
    bridges: int = 0
    changed_at: datetime | None = None


AS_USUAL = Wearing()


@dataclass(frozen=True, slots=True)
class Leave:
    """What a person said for direct conversation: whether they are of age, and what they opted into."""

    is_adult: bool = False
    opted_into: frozenset[str] = frozenset()


NO_LEAVE = Leave()


@dataclass(frozen=True, slots=True)
class Bridge:
    """A change that her next answers bridge; *is_first* says that none has yet."""

    came_from: Persona
    to: Persona
    because: Because
    is_first: bool


def tone_of(appraisals: Iterable[Appraisal]) -> Tone:
    """Say how the lines of a turn sounded, by their appraisals.

    A doubtful reading counts as heavy, for that only ends a game, and neither as despair nor as light.
    """
    read = tuple(appraisals)
    despair = max((_despair(one) for one in read), default=0)
    is_heavy = any(one.user_valence < 0 or one.desirability <= LOW for one in read)
    is_light = bool(read) and all(one.user_valence >= 0 and one.confidence >= SURE_FROM for one in read)
    return Tone(despair, is_heavy, is_light)


def is_allowed(persona: Persona, *, is_direct: bool, is_age_restricted: bool, leave: Leave = NO_LEAVE) -> bool:
    """Say whether a persona may be worn in a place: adult ones among adults only, opt-in ones where somebody opted in.

    In a channel opting in is what its admins do by choosing it.
    """
    if is_direct:
        has_opted = not persona.is_opt_in or persona.slug in leave.opted_into
        return has_opted and (persona.rating is not Rating.ADULT or leave.is_adult)
    return persona.rating is not Rating.ADULT or is_age_restricted


def worn(companion: Companion, chosen: Persona, wearing: Wearing) -> Persona:
    """Give the persona she speaks in: what she slipped into while that is still hers to wear, else what was chosen.

    Her usual one is only slipped into to rest from what somebody has to choose.
    """
    slipped = _named(companion, wearing.slipped)
    if slipped is None or not slipped.is_free or (slipped == companion.default_persona and chosen.is_free):
        return chosen
    return slipped


def bridge_of(companion: Companion, wearing: Wearing, wears: Persona) -> Bridge | None:
    """Give the change that the next answer bridges; None where there is none, or what she wore is gone."""
    came_from = _named(companion, wearing.came_from)
    if wearing.bridges <= 0 or wearing.because is None or came_from is None or came_from.slug == wears.slug:
        return None
    return Bridge(came_from, wears, wearing.because, is_first=wearing.bridges >= BRIDGED_TURNS)


def before_turn(wearing: Wearing, now: datetime) -> Wearing:
    """Let what belonged to an earlier talk go."""
    if wearing.changed_at is None or now - wearing.changed_at < TALK_OVER_AFTER:
        return wearing
    return AS_USUAL


def after_turn(
    wearing: Wearing,
    companion: Companion,
    chosen: Persona,
    tone: Tone,
    wish: str | None,
    now: datetime,
    *,
    has_spoken: bool = True,
) -> Wearing:
    """Give what is kept after a turn that was answered in *wearing*; *wish* is the manner the model would rather have.

    The same value comes back where nothing changed, so that nothing needs keeping. Without words a change is not
    bridged yet. What stands behind a manner's name in a wish is left out: the prompt says there what it is for.
    """
    wore, wish = worn(companion, chosen, wearing), (wish or "").partition(" ")[0]
    shelter = _shelter(companion)
    pressure = _pressure(wearing.pressure, tone, is_wished=shelter is not None and wish == shelter.slug)
    left = replace(wearing, pressure=pressure, bridges=max(0, wearing.bridges - has_spoken))
    if shelter is not None and wore.slug != shelter.slug and tone.is_heavy and pressure >= SLIPS_AT:
        left = _changed(left, wore, shelter, shelter.slug, Because.SHELTER)
    elif not wore.is_free and (tone.is_heavy or _is_wish_to_leave(companion, wish)):
        left = _changed(left, wore, companion.default_persona, companion.default_persona.slug, Because.HEAVY)
    elif wearing.slipped is not None:
        left = _calming(left, companion, chosen, tone, wish)
    if left != wearing:
        return replace(left, changed_at=now)
    is_going_on = wearing.slipped is not None and tone.is_heavy and wearing.changed_at is not None
    if is_going_on and now - (wearing.changed_at or now) >= STILL_ON_AFTER:
        return replace(wearing, changed_at=now)
    return wearing


def has_left(companion: Companion, chosen: Persona, before: Wearing, after: Wearing) -> bool:
    """Say whether she just left a chosen persona to which only somebody else's choice brings her back."""
    return not chosen.is_free and worn(companion, chosen, before) == chosen != worn(companion, chosen, after)


def chosen_anew(wore: Persona, chosen: Persona, now: datetime) -> Wearing:
    """Give what is kept when somebody chooses: it holds at once, and the next answers bridge it."""
    return replace(_changed(AS_USUAL, wore, chosen, None, Because.CHOSEN), changed_at=now)


def _named(companion: Companion, slug: str | None) -> Persona | None:
    return next((one for one in companion.personas if one.slug == slug), None)


def _shelter(companion: Companion) -> Persona | None:
    """Give the shelter if everybody may be brought there."""
    shelter = companion.shelter
    return shelter if shelter is not None and shelter.is_free else None


def _despair(one: Appraisal) -> int:
    if one.confidence < SURE_FROM or one.warmth <= AIMED or one.respect <= AIMED:
        return 0
    return 2 if one.user_valence <= LOWEST else int(one.user_valence <= LOW)


def _pressure(pressure: int, tone: Tone, *, is_wished: bool) -> int:
    """Add what weighs, and let a turn that does not take some of it away; a wish counts only beside a bad line."""
    if tone.despair:
        return min(PRESSURE_MOST, pressure + tone.despair + is_wished)
    return max(0, pressure - 1) + (is_wished and tone.is_heavy)


def _is_wish_to_leave(companion: Companion, wish: str | None) -> bool:
    wished = _named(companion, wish)
    return wished is not None and wished.is_free


def _calming(wearing: Wearing, companion: Companion, chosen: Persona, tone: Tone, wish: str | None) -> Wearing:
    """Count light turns, and go back after enough of them; into what needs choosing somebody has to choose again."""
    slipped, usual = _named(companion, wearing.slipped), companion.default_persona
    if slipped is None or not slipped.is_free:
        return replace(wearing, slipped=None, calm=0)  # the companion is another now
    if slipped == usual:
        return wearing  # she rests from what was chosen, or it no longer is
    back = chosen if chosen.is_free else usual
    calm = wearing.calm + 1 if tone.is_light else 0
    if calm >= CALM_TURNS or (tone.is_light and wish == back.slug):
        own = None if back == chosen else back.slug
        return _changed(replace(wearing, pressure=0), slipped, back, own, Because.CALM)
    return replace(wearing, calm=calm)


def _changed(wearing: Wearing, wore: Persona, to: Persona, slipped: str | None, because: Because) -> Wearing:
    if wore.slug == to.slug:
        return replace(wearing, slipped=slipped, calm=0, came_from=None, because=None, bridges=0)
    return replace(wearing, slipped=slipped, calm=0, came_from=wore.slug, because=because, bridges=BRIDGED_TURNS)
