"""What a turn holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.ids import ChannelId, MessageId, PartId, TurnId
from bot.domain.message import Audience, AudienceKind
from bot.domain.turn import Claim, OutboxPart, PartKind
from tests.fakes import dm_message, guild_message

NONCE_LIMIT = 25  # Discord's limit for a nonce
SNOWFLAKES = st.integers(1, 2**63 - 1)
PART_NUMBERS = st.integers(0, 255)


def _part(after: int, turn: int, number: int) -> OutboxPart:
    return OutboxPart(
        part_id=PartId(1),
        turn_id=TurnId(turn),
        part_no=number,
        channel_id=ChannelId(1),
        kind=PartKind.TEXT,
        content="",
        reply_to_id=None,
        after_id=MessageId(after),
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


@given(SNOWFLAKES, SNOWFLAKES, st.integers(0, 32767))
def test_a_nonce_fits(after, turn, number):
    nonce = _part(after, turn, number).nonce
    assert len(nonce) <= NONCE_LIMIT
    assert nonce.isascii()


@given(st.lists(st.tuples(SNOWFLAKES, st.integers(0, 4095), PART_NUMBERS), unique=True, max_size=40))
def test_parts_have_nonces_of_their_own(keys):
    assert len({_part(*key).nonce for key in keys}) == len(keys)


def test_a_nonce_is_the_same_after_a_restart():
    assert _part(7, 3, 2).nonce == replace(_part(7, 3, 2), part_id=PartId(99)).nonce


def test_the_last_message_of_a_claim_is_the_newest():
    first, second = dm_message("a"), dm_message("b")
    claim = Claim(TurnId(1), first.channel, (first, second), datetime(2026, 1, 1, tzinfo=UTC))
    assert claim.last is second


def test_a_direct_message_is_its_persons_and_a_channel_line_the_channels():
    private, public = dm_message("a"), guild_message("b")
    assert private.audience() == Audience(AudienceKind.PERSON, private.author.user_id)
    assert public.audience() == Audience(AudienceKind.CHANNEL, public.channel.channel_id)
