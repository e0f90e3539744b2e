"""The card of what a person's talk took: how long, how many turns and calls, tokens, and the cost where it is known."""

from __future__ import annotations

from bot.domain.card import Card, Text
from bot.domain.spend import Spend, Talk
from bot.engine.spend import SpendView

MODELS_MOST = 3  # named on the card
CENTS = 0.01  # dollars: less than that is told to a hundredth of a cent


def session_card(view: SpendView, *, colour: int) -> Card:
    """Say what the talk of who asks took."""
    talk = view.talk
    sections = [] if talk is None else [_talk(talk, view)]
    if view.today.turns:
        today = Text("session_today", {"zone": view.zone, "turns": view.today.turns})
        sections.append((today, *_spent(view.today, view)))
    return Card(
        _head(view),
        {} if talk is None else _facts(talk),
        title_key="session_title",
        colour=colour,
        sections=tuple(sections),
        footnote=Text("session_footnote"),
    )


def _head(view: SpendView) -> str:
    if view.talk is None:
        return "session_none"
    return "session_goes_on" if view.talk.goes_on(view.at) else "session_over"


def _facts(talk: Talk) -> dict[str, int]:
    began, last = int(talk.began_at.timestamp()), int(talk.last_at.timestamp())
    return {"seconds": began, "last": last, "turns": talk.spend.turns}


def _talk(talk: Talk, view: SpendView) -> tuple[Text, ...]:
    return (Text("session_talk" if talk.goes_on(view.at) else "session_last_talk"), *_spent(talk.spend, view))


def _spent(spend: Spend, view: SpendView) -> tuple[Text, ...]:
    lines = [Text("session_calls", {"calls": spend.calls})]
    if spend.calls > spend.uncounted:
        tokens = {"read": f"{spend.read:,}", "cached": f"{spend.cached:,}", "written": f"{spend.written:,}"}
        lines.append(Text("session_tokens", tokens))
    if spend.uncounted:
        lines.append(Text("session_uncounted", {"count": spend.uncounted}))
    if spend.calls > spend.uncounted:
        lines.append(_cost(spend, view))
    return tuple(lines)


def _cost(spend: Spend, view: SpendView) -> Text:
    models = tuple(Text("session_model", {"model": name}) for name in spend.unpriced[:MODELS_MOST])
    dollars = f"{spend.cost:.2f}" if spend.cost >= CENTS else f"{spend.cost:.4f}"
    if not models:
        return Text("session_cost", {"dollars": dollars, "day": view.prices_of.isoformat()})
    if not spend.cost:
        return Text("session_cost_unknown", {"models": models})
    return Text("session_cost_partly", {"dollars": dollars, "models": models})
