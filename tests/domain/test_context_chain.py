"""When talk is cut out of prompts: cooldown, hysteresis, the hard ceiling, and how much stays."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bot.domain.context_chain import (
    COMPACTED,
    COOLDOWN_TURNS,
    DISBELIEVED_UNDER,
    FIXED_TOKENS,
    LOW_CACHE_SHARE,
    LOW_CACHE_TURNS,
    Chain,
    Compaction,
    Limits,
    Prompted,
    advance,
    compaction_due,
    history_start,
    line_tokens,
    prompted_of,
    text_tokens,
    tokens_kept,
    turn_tokens,
)
from bot.domain.ids import TurnId
from bot.domain.message import Quote, Speaker
from bot.domain.turn import Said
from tests.fakes import ADA, BEN, MIRA, dm_message

LIMITS = Limits(soft=1_000, hard=2_000)
TOKENS = st.integers(0, 3_000)
CACHED = st.none() | st.integers(0, 3_000)
TURNS = st.lists(st.integers(0, 2_500), min_size=1, max_size=40).map(
    lambda sizes: [(TurnId(number), size) for number, size in enumerate(sizes, start=1)]
)


class ChainMachine(RuleBasedStateMachine):
    """Any run of turns; what they were is written down, and each decision is held against it."""

    def __init__(self) -> None:
        super().__init__()
        self.chain = Chain()
        self.since: list[Prompted] = []  # the prompts since the last compaction
        self.due = Compaction.NONE

    @rule(tokens=TOKENS, cached=CACHED)
    def turn(self, tokens: int, cached: int | None) -> None:
        """Let a turn end, and be compacted at once if that is due."""
        self._take(Prompted(tokens, cached))
        if self.due is not Compaction.NONE:
            self.chain, self.since = COMPACTED, []

    @rule(tokens=st.integers(LIMITS.soft + 1, LIMITS.hard), cached=CACHED, is_made=st.booleans())
    def long_turn(self, tokens: int, cached: int | None, is_made: bool) -> None:
        """Let a turn end over the soft threshold; its summary is made at once, or not yet."""
        self._take(Prompted(tokens, cached))
        if self.due is Compaction.SOFT and is_made:
            self.chain, self.since = COMPACTED, []

    def _take(self, prompted: Prompted) -> None:
        self.chain = advance(self.chain, prompted, LIMITS)
        self.since.append(prompted)
        self.due = compaction_due(self.chain, prompted.tokens, LIMITS)
        self._check(prompted)

    def _check(self, newest: Prompted) -> None:
        if newest.tokens > LIMITS.hard:
            assert self.due is Compaction.HARD
            return
        last = self.since[-LOW_CACHE_TURNS:]
        is_wasteful = len(last) == LOW_CACHE_TURNS and all(
            one.tokens > LIMITS.soft and (one.cached is None or one.cached / one.tokens < LOW_CACHE_SHARE)
            for one in last
        )
        is_cool = len(self.since) > COOLDOWN_TURNS
        assert (self.due is Compaction.SOFT) == (is_wasteful and is_cool)
        assert self.due is not Compaction.HARD

    @invariant()
    def counts(self) -> None:
        """Hold the counters to what was written down."""
        assert self.chain.turns_since == len(self.since)
        assert 0 <= self.chain.low_cache_turns <= len(self.since)


TestChain = ChainMachine.TestCase


def _after(*prompts: tuple[int, int | None]) -> list[Compaction]:
    chain, found = Chain(), []
    for tokens, cached in prompts:
        chain = advance(chain, Prompted(tokens, cached), LIMITS)
        found.append(compaction_due(chain, tokens, LIMITS))
        chain = chain if found[-1] is Compaction.NONE else COMPACTED
    return found


def test_nothing_is_compacted_in_the_cooldown_but_over_the_hard_ceiling():
    soft = Compaction.SOFT
    waste = (1_500, 0)
    none = [Compaction.NONE] * COOLDOWN_TURNS
    assert _after(*[waste] * 8) == [*none, soft, *none, soft]
    assert _after((2_500, 2_400), (2_001, 2_001), (500, 0)) == [Compaction.HARD, Compaction.HARD, Compaction.NONE]


def test_one_cached_turn_begins_the_count_anew():
    cool = [(100, None)] * COOLDOWN_TURNS
    assert Compaction.SOFT not in _after(*cool, *[(1_500, 0), (1_500, 450)] * 10)
    assert _after(*cool, (1_500, 0), (1_500, 450), (1_500, 449), (1_500, 449))[-1] is Compaction.SOFT


def test_an_unknown_cache_is_a_low_one_and_a_short_prompt_never_counts():
    cool = [(1_000, None)] * 10
    assert set(_after(*cool)) == {Compaction.NONE}
    assert _after(*cool, (1_001, None), (1_001, None))[-2:] == [Compaction.NONE, Compaction.SOFT]


@given(TURNS, st.integers(0, 5_000))
def test_a_cut_keeps_the_newest_whole_turns_that_fit_and_at_least_one(turns, kept):
    start = history_start(turns, kept)
    if start is None:
        assert sum(size for _, size in turns[:-1]) + turns[-1][1] <= kept or len(turns) == 1
        return
    stay = [size for turn_id, size in turns if turn_id >= start]
    assert len(stay) == 1 or sum(stay) <= kept
    before = next(size for turn_id, size in turns if turn_id == start - 1)
    assert sum(stay) + before > kept


@given(st.integers(0, 100_000), st.integers(0, 100_000), st.integers(100, 50_000))
def test_what_stays_is_about_half_of_the_soft_threshold(prompt, talk, soft):
    limits = Limits(soft, 2 * soft)
    kept = tokens_kept(prompt, talk, limits)
    assert soft // 4 <= kept <= soft // 2
    other = max(0, prompt - talk)
    assert kept + other <= soft // 2 or kept == soft // 4


@given(TURNS)
def test_what_was_cut_is_not_cut_again_at_once(turns):
    kept = tokens_kept(2_500, sum(size for _, size in turns), LIMITS)
    start = history_start(turns, kept)
    if start is not None:
        assert history_start([one for one in turns if one[0] >= start], kept) is None


def test_thresholds_in_any_order_make_sense():
    assert Limits.of(1_000, None) == Limits(1_000, 2_000)
    assert Limits.of(50_000, 8_000) == Limits(8_000, 8_000)


@given(st.text())
def test_a_text_takes_at_least_a_token_and_never_more_than_its_bytes(text):
    tokens = text_tokens(text)
    assert (tokens == 0) == (text == "")
    assert tokens <= len(text.encode("utf-8", "replace"))


def test_tokens_are_estimated_near_what_tokenizers_count():
    # bounds by what tokenizers of common models make of these scripts, which differ by half
    for text, least, most in (
        ("The train to Hamburg leaves at ten past six, and I still have not packed.", 16, 24),
        ("Поезд в Гамбург уходит в десять минут седьмого, а я ещё не собрал вещи.", 18, 44),
        ("去汉堡的火车六点十分开，我还没收拾行李。", 14, 26),
        ("ฉันยังไม่ได้เก็บกระเป๋าเลย", 10, 32),
    ):
        assert least <= text_tokens(text) <= most


def test_a_line_counts_with_what_it_quotes_and_passes_on():
    plain = dm_message("hello there")
    quoting = dm_message("hello there", quote=Quote(BEN.user_id, "Ben", "x" * 400))
    forwarding = dm_message("hello there", forwards=("x" * 400,))
    own = dm_message("hello there", author=MIRA, speaker=Speaker.SELF)
    assert line_tokens(quoting) > line_tokens(forwarding) >= line_tokens(plain) + 100
    assert line_tokens(own) < line_tokens(plain)


def test_tokens_are_summed_by_turn():
    history = [Said(TurnId(turn), dm_message("x" * 40, author=ADA)) for turn in (0, 3, 3, 7)]
    assert turn_tokens(history) == [(3, 2 * line_tokens(history[0].message)), (7, line_tokens(history[0].message))]


@given(st.integers(0, 50_000), st.none() | st.integers(-5, 10**9), st.none() | st.integers(-5, 10**9))
def test_what_a_server_cannot_know_is_estimated(talk, counted, cached):
    prompted = prompted_of(talk, counted, cached)
    if counted is None or counted <= 0 or counted * DISBELIEVED_UNDER < talk:
        assert prompted == Prompted(talk + FIXED_TOKENS, None)
    else:
        assert prompted.tokens == counted
        assert (prompted.cached is None) == (cached is None)
    assert prompted.tokens * DISBELIEVED_UNDER >= talk
