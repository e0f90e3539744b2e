"""Time that Mira adds to an answer, and what a turn costs, one person at a time; an echo bot is the control."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench.cpu import CpuUse, listed, total
from bench.model import Call
from bench.report import Row, Spread
from bench.stage import Child, Stage, open_stage
from bench.talk import Talker, Turn

TURNS, WARM_UP = 300, 50
QUICK_TURNS, QUICK_WARM_UP = 100, 30
BLOCKS = 10  # that Mira and the control take turns in
PAUSE_S = 0.05  # between her last words and the next line; people take longer, a tight loop has its own row
P50_MS, P95_MS, CPU_MS = 15.0, 30.0, 15.0
ECHO = ("bench.echo",)


@dataclass(frozen=True, slots=True)
class Measured:
    """Samples of one conversation, in milliseconds."""

    added: list[float]
    with_model: list[float]
    cpu: dict[str, float]
    cores: dict[str, float]


async def run(*, is_quick: bool) -> list[Row]:
    """Measure a person who takes a breath beside the control, then one who does not, then a longer answer."""
    turns, warm_up = (QUICK_TURNS, QUICK_WARM_UP) if is_quick else (TURNS, WARM_UP)
    main, control = await _beside_echo(turns, warm_up)
    tight = await _alone(turns, warm_up, paragraphs=1, pause_s=0.0)
    longer = await _alone(turns, warm_up, paragraphs=2, pause_s=PAUSE_S)
    return [
        *_rows("", main, turns, "one-paragraph answers, 50 ms pause after each"),
        *_rows(" (no pause)", tight, turns, "as above, next line at once: waits for the last turn's bookkeeping"),
        *_rows(" (2 paragraphs)", longer, turns, "two-paragraph answers, 50 ms pause"),
        _control_row(main, control, turns),
    ]


async def _beside_echo(turns: int, warm_up: int) -> tuple[Measured, Measured]:
    """Measure both bots in turns of a few exchanges each, so that a noisy minute hits both."""
    async with (
        open_stage() as stage,
        open_stage() as echo_stage,
        stage.bot() as bot,
        echo_stage.bot(ECHO) as echo,
    ):
        ours = Session(stage, bot, Talker(stage, "ana"), PAUSE_S)
        theirs = Session(echo_stage, echo, Talker(echo_stage, "ana"), PAUSE_S)
        for one in (ours, theirs):
            await one.warm_up(warm_up)
        for _ in range(BLOCKS):
            await ours.measure(turns // BLOCKS)
            await theirs.measure(turns // BLOCKS)
        return ours.measured(), theirs.measured()


async def _alone(turns: int, warm_up: int, *, paragraphs: int, pause_s: float) -> Measured:
    async with open_stage(paragraphs=paragraphs) as stage, stage.bot() as bot:
        session = Session(stage, bot, Talker(stage, "ana", paragraphs=paragraphs), pause_s)
        await session.warm_up(warm_up)
        await session.measure(turns)
        return session.measured()


class Session:
    """One person with one bot: talks in blocks and keeps what they took."""

    def __init__(self, stage: Stage, bot: Child, talker: Talker, pause_s: float) -> None:
        self._stage = stage
        self._bot = bot
        self._talker = talker
        self._pause_s = pause_s
        self._turns: list[Turn] = []
        self._calls: list[Call] = []
        self._spent: list[CpuUse] = []

    async def warm_up(self, turns: int) -> None:
        """Talk without keeping anything."""
        await self._talker.talk(turns, pause_s=self._pause_s)
        await self._stage.model_calls()

    async def measure(self, turns: int) -> None:
        """Talk and keep times, model calls and CPU."""
        before = self._stage.cpu(self._bot)
        self._turns += await self._talker.talk(turns, pause_s=self._pause_s)
        self._spent.append(self._stage.cpu(self._bot).since(before))
        self._calls += await self._stage.model_calls()

    def measured(self) -> Measured:
        """Give what was kept, in milliseconds."""
        whole = [1000 * (turn.first - turn.written) for turn in self._turns]
        model = [1000 * _model_share(turn, self._calls) for turn in self._turns]
        added = [one - other for one, other in zip(whole, model, strict=True)]
        spent = total(self._spent)
        return Measured(added, whole, spent.ms_a_turn(len(self._turns)), spent.cores())


def _model_share(turn: Turn, calls: Sequence[Call]) -> float:
    """Give the seconds of this turn, up to the first words, in which the model server had the request."""
    return sum(
        max(0.0, min(call.done, turn.first) - call.received)
        for call in calls
        if turn.written <= call.received <= turn.first
    )


def _rows(label: str, measured: Measured, turns: int, how: str) -> list[Row]:
    time = Spread.of(measured.added)
    whole = Spread.of(measured.with_model)
    cpu = measured.cpu
    return [
        Row(
            figure=f"added time{label}",
            target=f"p50 ≤ {P50_MS:.0f}, p95 ≤ {P95_MS:.0f} ms",
            measured=f"p50 {time.p50:.1f}, p95 {time.p95:.1f} ms",
            is_met=time.p50 <= P50_MS and time.p95 <= P95_MS,
            runs=f"{turns} turns",
            how=f"event made → create-message request in, less the model server's own time; {how} "
            f"(with model time: p50 {whole.p50:.1f}, p95 {whole.p95:.1f})",
            values={"p50_ms": time.p50, "p95_ms": time.p95, "whole_p50_ms": whole.p50, "whole_p95_ms": whole.p95},
        ),
        Row(
            figure=f"CPU a turn{label}",
            target=f"≤ {CPU_MS:.0f} ms",
            measured=f"{cpu['bot']:.1f} ms",
            is_met=cpu["bot"] <= CPU_MS,
            runs=f"{turns} turns",
            how=f"user and system, ms by process: {listed(cpu)}; cores busy: {listed(measured.cores)}",
            values=cpu | {f"cores_{name}": busy for name, busy in measured.cores.items()},
        ),
    ]


def _control_row(main: Measured, control: Measured, turns: int) -> Row:
    ours, echo = Spread.of(main.added), Spread.of(control.added)
    ratio, cpu_ratio = ours.p50 / echo.p50, main.cpu["bot"] / control.cpu["bot"]
    return Row(
        figure="echo bot (control)",
        measured=f"p50 {echo.p50:.1f}, p95 {echo.p95:.1f} ms, CPU {control.cpu['bot']:.1f} ms",
        runs=f"{turns} turns",
        how="discord.py alone, no model, no database, in turns with Mira; "
        f"she adds {ratio:.1f} times its p50 and takes {cpu_ratio:.0f} times its CPU",
        values={"p50_ms": echo.p50, "p95_ms": echo.p95, "ratio": ratio, "cpu_ratio": cpu_ratio, **control.cpu},
    )
