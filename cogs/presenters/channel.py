"""The card that says what she hears in a channel, what she may do there, and what it means for who writes there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.card import Card, Text
from bot.domain.clock_time import clock_time
from bot.domain.persona import Companion
from bot.domain.room_policy import CHATTINESS_MOST, Hearing, RoomPolicy
from cogs.presenters.scales import EMPTY, FILLED

HEAD = {
    Hearing.LISTEN: "channel_head.listen",
    Hearing.MENTION_ONLY: "channel_head.mention_only",
    Hearing.IGNORE: "channel_head.ignore",
}
HEAD_LIMITED = "channel_head.listen_limited"
HEARING = {
    Hearing.LISTEN: "channel_hearing.listen",
    Hearing.MENTION_ONLY: "channel_hearing.mention_only",
    Hearing.IGNORE: "channel_hearing.ignore",
}
TOLD = {  # what who writes there has to know
    Hearing.LISTEN: ("channel_told_heard", "channel_told_overheard", "channel_told_model", "channel_told_privacy"),
    Hearing.MENTION_ONLY: ("channel_told_mention", "channel_told_privacy"),
    Hearing.IGNORE: (),
}


@dataclass(frozen=True, slots=True)
class Abilities:
    """What she can do in a channel, as Discord's permissions there and the intents have it.

    *opens_threads* is None where there are no threads to open: in one, for instance.
    """

    sees: bool
    reads_all: bool
    reads_history: bool
    sends: bool
    reacts: bool
    opens_threads: bool | None
    is_thread: bool = False


def channel_card(policy: RoomPolicy, abilities: Abilities, companion: Companion, *, colour: int) -> Card:
    """Say what holds in a channel; it is meant for everybody who writes there."""
    groups = (_settings(policy, companion), _told(policy, abilities), _can(policy, abilities))
    return Card(
        HEAD_LIMITED if _is_limited(policy, abilities) else HEAD[policy.hearing],
        {"name": companion.name},
        title_key="channel_title_thread" if abilities.is_thread else "channel_title",
        colour=colour,
        sections=tuple(group for group in groups if group),
        footnote=Text("channel_footnote"),
    )


def policy_line(policy: RoomPolicy) -> Text:
    """Give in a few words what an admin allowed her."""
    if policy.hearing is not Hearing.LISTEN:
        return Text(HEARING[policy.hearing])
    facts = {"hearing": Text(HEARING[policy.hearing]), "chattiness": policy.chattiness, "most": CHATTINESS_MOST}
    if policy.quiet is None:
        return Text("channel_policy", facts)
    return Text("channel_policy_quiet", {**facts, "quiet": _quiet(policy)})


def step_labels() -> tuple[Text, Text]:
    """Give what stands on the buttons: less talk, more talk."""
    return Text("channel_quieter"), Text("channel_chattier")


def no_quiet_hours() -> Text:
    """Give the choice that takes quiet hours away."""
    return Text("channel_no_quiet")


def persona_label(companion: Companion, slug: str) -> str:
    """Name a persona for a list of choices."""
    persona = companion.persona(slug)
    return f"{persona.emoji} {persona.title}".strip()


def _settings(policy: RoomPolicy, companion: Companion) -> tuple[Text, ...]:
    """Say what was set, as far as it matters where she hears this much."""
    if policy.hearing is Hearing.IGNORE:
        return ()
    slugs = {persona.slug for persona in companion.personas}
    worn = policy.persona if policy.persona in slugs else None
    shown = companion.default_persona if worn is None else companion.persona(worn)
    persona = Text("channel_persona", {"persona": f"{shown.emoji} {shown.title}".strip()})
    if policy.hearing is not Hearing.LISTEN:
        return (persona,)
    bar = FILLED * policy.chattiness + EMPTY * (CHATTINESS_MOST - policy.chattiness)
    facts = {"bar": bar, "chattiness": policy.chattiness, "most": CHATTINESS_MOST, "how": Text(_how(policy.chattiness))}
    quiet = Text("channel_quiet", {"quiet": _quiet(policy)}) if policy.quiet is not None else Text("channel_quiet_none")
    return (Text("channel_chattiness", facts), quiet, persona)


def _how(chattiness: int) -> str:
    """Say what a chattiness means."""
    if chattiness == 0:
        return "channel_how.never"
    if chattiness <= 3:
        return "channel_how.seldom"
    return "channel_how.often" if chattiness >= 7 else "channel_how.sometimes"


def _quiet(policy: RoomPolicy) -> Text | str:
    if policy.quiet is None:
        return ""
    facts = {"begins": clock_time(policy.quiet.begins), "ends": clock_time(policy.quiet.ends)}
    return Text("channel_hours", {**facts, "zone": policy.quiet.zone})


def _is_limited(policy: RoomPolicy, abilities: Abilities) -> bool:
    """Say whether she may listen but cannot: Discord gives her only what is said to her."""
    return policy.hearing is Hearing.LISTEN and not abilities.reads_all


def _told(policy: RoomPolicy, abilities: Abilities) -> tuple[Text, ...]:
    heard = Hearing.MENTION_ONLY if _is_limited(policy, abilities) else policy.hearing
    return tuple(Text(key) for key in TOLD[heard])


def _can(policy: RoomPolicy, abilities: Abilities) -> tuple[Text, ...]:
    """Say what works here, in one line, and of each thing that does not, how it is mended."""
    if policy.hearing is Hearing.IGNORE:
        return ()
    able: list[str] = []
    unable: list[str] = []
    for is_able, good, bad in _checks(policy, abilities):
        (able if is_able else unable).append(good if is_able else bad)
    lines = [Text("channel_can", {"what": tuple(Text(key) for key in able)})] if able else []
    return (*lines, *(Text(key) for key in unable))


def _checks(policy: RoomPolicy, abilities: Abilities) -> Sequence[tuple[bool, str, str]]:
    checks = [(abilities.sees, "channel_can_see", "channel_cannot_see")]
    if abilities.sees:  # else the rest is beside the point
        if policy.hearing is Hearing.LISTEN:
            checks.append((abilities.reads_all, "channel_can_hear", "channel_cannot_hear"))
        send = "channel_cannot_send_in_thread" if abilities.is_thread else "channel_cannot_send"
        checks += [
            (abilities.reads_history, "channel_can_look_back", "channel_cannot_look_back"),
            (abilities.sends, "channel_can_send", send),
            (abilities.reacts, "channel_can_react", "channel_cannot_react"),
        ]
        if abilities.opens_threads is not None:
            checks.append((abilities.opens_threads, "channel_can_open_threads", "channel_cannot_open_threads"))
        checks.append((abilities.reads_all, "channel_can_see_files", "channel_cannot_see_files"))
    return checks
