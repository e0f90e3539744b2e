"""The commands about reminders, over the loopback gateway, with a real parser and a stand-in for the store."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.discord.cards import card_view
from bot.adapters.discord.locales import words_of
from bot.domain.ids import ChannelId, UserId
from bot.domain.message import Person as Owner
from bot.domain.timer import LINE_LIMIT, NewTimer, TimerId, TimerKind, WaitingTimer
from bot.engine.look import Look
from bot.engine.timers import OPEN_MOST, Remind
from bot.errors import StoreError
from bot.ports import TimerStore
from cogs.presenters import remind as presenters
from cogs.remind import Reminders
from playground.client import Person, Refused
from playground.components import walk
from tests.cogs.conftest import Room
from tests.cogs.test_commands import EPHEMERAL, ask, living_room, said
from tests.cogs.views import words_of_card
from tests.fakes import FakeClock

NOW = datetime(2026, 11, 21, 14, 3, tzinfo=UTC)


@dataclass
class FakeTimers:
    """Timers in memory."""

    kept: dict[TimerId, tuple[UserId, WaitingTimer]] = field(default_factory=dict)
    zones: dict[UserId, str] = field(default_factory=dict)
    trouble: Exception | None = None

    async def set(self, timer: NewTimer, owner: Owner, channel_id: ChannelId, *, now: datetime, most: int) -> bool:
        self._check()
        if len(await self.waiting(owner.user_id, 99)) >= most:
            return False
        timer_id = TimerId(len(self.kept) + 1)
        self.kept[timer_id] = (
            owner.user_id,
            WaitingTimer(timer_id, timer.kind, channel_id, timer.due_at, timer.text),
        )
        return True

    async def waiting(self, user_id: UserId, limit: int) -> Sequence[WaitingTimer]:
        self._check()
        mine = [timer for owner, timer in self.kept.values() if owner == user_id]
        return sorted(mine, key=lambda timer: timer.due_at)[:limit]

    async def cancel(self, user_id: UserId, timer_id: TimerId, now: datetime) -> bool:
        self._check()
        if timer_id not in self.kept or self.kept[timer_id][0] != user_id:
            return False
        del self.kept[timer_id]
        return True

    async def zone(self, user_id: UserId) -> str | None:
        self._check()
        return self.zones.get(user_id)

    async def set_zone(self, owner: Owner, zone: str, now: datetime) -> None:
        self.zones[owner.user_id] = zone

    def _check(self) -> None:
        if self.trouble is not None:
            raise self.trouble


@pytest.fixture
async def timers(room: Room) -> AsyncIterator[FakeTimers]:
    """Add the commands to the client of the room."""
    kept = FakeTimers()
    remind = Remind(store=cast(TimerStore, kept), clock=FakeClock(NOW), home_zone="Europe/Berlin")
    await room.client.add_cog(Reminders(room.client, remind, cast(Look, room.look)))
    await room.client.publish_commands()
    yield kept


def only(timers: FakeTimers) -> WaitingTimer:
    ((_, timer),) = timers.kept.values()
    return timer


def menu_of(message: dict[str, Any]) -> dict[str, Any]:
    (menu,) = [part for part in walk(message["components"]) if part["type"] == 3]
    return menu


async def test_a_reminder_asked_for_on_a_server_goes_to_the_direct_conversation(
    room: Room, juno: Person, timers: FakeTimers
):
    channel, _ = living_room(room)
    message = await ask(juno, "remind me", channel, when="tomorrow at 9", what="the *oven*")
    assert message["flags"] & EPHEMERAL
    assert only(timers).due_at == datetime(2026, 11, 22, 8, tzinfo=UTC)
    assert only(timers).channel_id == int(await juno.dm())
    assert only(timers).text == "⏰ the *oven*"
    assert f"<t:{int(only(timers).due_at.timestamp())}:F>" in said(message)
    assert "clock in Europe/Berlin" in said(message), "who named no zone is told by which clock"


async def test_in_the_direct_conversation_it_stays_there(room: Room, juno: Person, timers: FakeTimers):
    dm = await juno.dm()
    timers.zones[UserId(int(juno.user_id))] = "Asia/Tokyo"
    message = await ask(juno, "remind me", dm, when="18:00", what="the oven")
    assert only(timers).channel_id == int(dm)
    assert only(timers).due_at == datetime(2026, 11, 22, 9, tzinfo=UTC)
    assert "clock in" not in said(message)


@pytest.mark.parametrize(
    ("when", "what", "words"),
    [
        ("some day", "oven", "could not be read"),
        ("2020-01-01 10:00", "oven", "is over already"),
        ("in 3 years", "oven", "too far away"),
        ("in 1 hour", "\u200b\u200b", "nothing to read"),
    ],
)
async def test_what_cannot_be_is_told_privately(
    room: Room, juno: Person, timers: FakeTimers, when: str, what: str, words: str
):
    message = await ask(juno, "remind me", living_room(room)[0], when=when, what=what)
    assert message["flags"] & EPHEMERAL and words in said(message)
    assert timers.kept == {}


async def test_texts_longer_than_a_line_are_refused_by_discord_itself(room: Room, juno: Person, timers: FakeTimers):
    with pytest.raises(Refused):
        await juno.slash("remind me", await juno.dm(), when="in 1 hour", what="x" * (LINE_LIMIT + 1))


async def test_there_is_an_end_to_how_many_may_wait(room: Room, juno: Person, timers: FakeTimers):
    me = Owner(UserId(int(juno.user_id)), "Juno")
    for hour in range(OPEN_MOST):
        new = NewTimer(TimerKind.REMINDER, me.user_id, NOW + timedelta(hours=hour + 1), "oven")
        await timers.set(new, me, ChannelId(1), now=NOW, most=99)
    dm = await juno.dm()
    assert f"{OPEN_MOST} reminders already" in said(await ask(juno, "remind me", dm, when="in 1 hour", what="x"))
    message = await ask(juno, "remind list", dm)
    assert len(menu_of(message)["options"]) == OPEN_MOST


async def test_the_list_is_ones_own_and_its_menu_cancels(room: Room, juno: Person, theo: Person, timers: FakeTimers):
    channel, _ = living_room(room)
    for what in ("oven", "train", "bins"):
        await ask(juno, "remind me", channel, when="in 2 hours", what=what)
    await ask(theo, "remind me", channel, when="in 1 hour", what="secret")
    shown = await ask(juno, "remind list", channel)
    assert shown["flags"] & EPHEMERAL
    assert [word in said(shown) for word in ("oven", "train", "bins", "secret")] == [True, True, True, False]
    menu = menu_of(shown)
    assert menu["max_values"] == 3 and menu["options"][0]["label"].startswith("Sat 21 Nov 2026, 17:03 · ")
    assert (await juno.choose(shown, menu["custom_id"], "1", "3"))["ok"]
    changed = await juno.wait_for("MESSAGE_UPDATE", lambda one: one["id"] == shown["id"] and "Cancelled" in said(one))
    assert [word in said(changed) for word in ("oven", "train", "bins")] == [False, True, False]
    assert {*timers.kept} == {2, 4}
    assert (await juno.choose(changed, menu["custom_id"], "2"))["ok"]
    changed = await juno.wait_for(
        "MESSAGE_UPDATE", lambda one: one["id"] == shown["id"] and "Nothing else" in said(one)
    )
    assert [part for part in walk(changed["components"]) if part["type"] == 3] == []


async def test_trouble_with_a_click_is_told_privately(room: Room, juno: Person, timers: FakeTimers):
    channel, _ = living_room(room)
    await ask(juno, "remind me", channel, when="in 2 hours", what="oven")
    shown = await ask(juno, "remind list", channel)
    timers.trouble = StoreError("away")
    await juno.choose(shown, menu_of(shown)["custom_id"], "1")
    line = await juno.next_message_from_app(channel)
    assert line["flags"] & EPHEMERAL and "Something broke in this app" in line["content"]


async def test_an_empty_list_says_so(room: Room, juno: Person, timers: FakeTimers):
    message = await ask(juno, "remind list", await juno.dm())
    assert "Nothing is noted" in said(message)
    assert [part for part in walk(message["components"]) if part["type"] == 3] == []


async def test_cancel_offers_and_takes_ones_own(room: Room, juno: Person, theo: Person, timers: FakeTimers):
    channel, _ = living_room(room)
    await ask(juno, "remind me", channel, when="in 2 hours", what="oven")
    await ask(theo, "remind me", channel, when="in 1 hour", what="secret")
    (choice,) = await juno.complete("remind cancel", channel, "which", which="OVEN")
    assert choice == {"name": "Sat 21 Nov 2026, 17:03 · ⏰ oven", "value": "1"}
    assert await juno.complete("remind cancel", channel, "which", which="secret") == []
    for which in ("2", "no number", "99999999999999999999999"):
        assert "no such reminder" in said(await ask(juno, "remind cancel", channel, which=which))
    assert "Cancelled" in said(await ask(juno, "remind cancel", channel, which="1"))
    assert {*timers.kept} == {2}


async def test_a_time_is_shown_while_it_is_typed(room: Room, juno: Person, timers: FakeTimers):
    dm = await juno.dm()
    typed = {"when": "tomorrow at 9", "what": "x"}
    (choice,) = await juno.complete("remind me", dm, "when", **typed)
    assert choice == {"name": "Sun 22 Nov 2026, 09:00", "value": "tomorrow at 9"}
    assert await juno.complete("remind me", dm, "when", **(typed | {"when": "tomor"})) == []
    timers.trouble = StoreError("away")
    assert await juno.complete("remind me", dm, "when", **typed) == []
    assert await juno.complete("remind cancel", dm, "which", which="") == []


async def test_a_zone_is_chosen_by_city(room: Room, juno: Person, timers: FakeTimers):
    dm = await juno.dm()
    (first, *_) = await juno.complete("remind zone", dm, "zone", zone="tok")
    assert first == {"name": "Asia/Tokyo (23:03)", "value": "Asia/Tokyo"}
    assert len(await juno.complete("remind zone", dm, "zone", zone="")) == 25
    assert "no time zone of that name" in said(await ask(juno, "remind zone", dm, zone="Atlantis"))
    assert "Asia/Tokyo" in said(await ask(juno, "remind zone", dm, zone="asia/tokyo"))
    assert timers.zones == {int(juno.user_id): "Asia/Tokyo"}


async def test_they_work_wherever_the_app_does(room: Room, juno: Person, theo: Person, timers: FakeTimers):
    for where in (living_room(room)[0], await theo.dm()):
        (group,) = [one for one in await theo.commands(where) if one["name"] == "remind"]
        assert (group["contexts"], group["integration_types"]) == ([0, 1, 2], [0, 1])
        assert {one["name"] for one in group["options"]} == {"me", "list", "cancel", "zone"}


async def test_without_a_direct_conversation_nothing_is_promised(room: Room, juno: Person, timers: FakeTimers):
    room.playground.fault(
        "rest_status", route="POST /users/@me/channels", status=403, body={"code": 50007, "message": "no"}
    )
    message = await ask(juno, "remind me", living_room(room)[0], when="in 1 hour", what="oven")
    assert "no direct message" in said(message)
    assert timers.kept == {}


def waiting(text: str, kind: TimerKind = TimerKind.REMINDER) -> WaitingTimer:
    return WaitingTimer(TimerId(1), kind, ChannelId(1), NOW, text)


def test_an_answer_put_off_is_named_without_what_it_is_about():
    card = presenters.list_card([waiting("", TimerKind.LATER)], cancelled=0, name="Mira", colour=1)
    assert "the answer that was put off" in words_of_card(card)
    assert presenters.label_of(waiting("", TimerKind.LATER), NOW) == "Sat 21 Nov 2026, 14:03"


@given(st.lists(st.text(max_size=LINE_LIMIT) | st.just("_*`~|" * 100), max_size=OPEN_MOST), st.integers(0, 3))
def test_a_list_of_anything_fits_a_card(texts: list[str], cancelled: int):
    timers = [replace(waiting(text), timer_id=TimerId(number)) for number, text in enumerate(texts)]
    card = presenters.list_card(timers, cancelled=cancelled, name="M" * 32, colour=1)
    assert len(words_of_card(card)) <= 4_000
    assert len(json.dumps(card_view(card).to_components())) > 0
    labels = [presenters.label_of(timer, NOW) for timer in timers]
    assert all(1 <= len(label) <= presenters.LABEL_LIMIT for label in labels)


@given(st.text(min_size=1, max_size=LINE_LIMIT))
def test_what_is_said_then_fits_a_message(what: str):
    assert len(words_of(presenters.line_due(what), is_plain=True)) <= 2_000
