"""What stands for talk of which no summary was made in time: some of its own lines, shortened and quoted; pure.

No model is asked, so it is there however fast people talk and whatever became of the model. It is not kept.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.domain.grounding import telling_words
from bot.domain.ids import SummaryId, short_code
from bot.domain.message import Message, Speaker
from bot.domain.quoting import safe_text
from bot.domain.recalled import Summary
from bot.domain.secrets_said import without_secrets
from bot.domain.summary_text import SUMMARY_LETTERS, is_withheld
from bot.domain.text import visible_line
from bot.domain.turn import Said

LINES_MOST = 6  # that stand for a stretch, from all over it
LINE_LETTERS = 110  # of each; six of them, with who said it, are a summary's length at most
NOT_KEPT = SummaryId(0)
_QUOTES = re.compile('[“”"]')


def carried(newest: Sequence[Said], lasting: Sequence[Said], made: Summary | None) -> tuple[Summary | None, str]:
    """Give the summary and the note that are carried over a cut, of which *newest* are the last lines before it.

    *made* is the newest summary there is. What came since, of the *lasting* lines that may be told of, is extracted;
    and a note that is older than the newest lines would say where the talk stood then.
    """
    shown = {said.message.message_id for said in newest}
    since = [said for said in lasting if made is None or said.turn_id > made.to_turn]
    summary = extracted([said for said in since if said.message.message_id not in shown]) or made
    is_fresh = made is not None and all(said.turn_id <= made.to_turn for said in newest)
    note = made.note if made is not None and is_fresh else ""
    return summary, note or where_it_stood([said.message for said in newest])


def extracted(talk: Sequence[Said]) -> Summary | None:
    """Give lines that stand for *talk*, whole turns of one place with the oldest first; None where none may.

    Of each part of it the one that says most. Lines with a secret, health or sexuality are left out.
    """
    told = [said for said in talk if not is_withheld(said.message.content)]
    if not told:
        return None
    count = min(LINES_MOST, len(told))
    parts = [told[len(told) * part // count : len(told) * (part + 1) // count] for part in range(count)]
    chosen = [max(part, key=lambda said: len(telling_words(said.message.content))).message for part in parts]
    newest = told[-1].message
    return Summary(
        summary_id=NOT_KEPT,
        channel_id=newest.channel.channel_id,
        person_id=None,
        level=0,
        audience=newest.audience(),
        text=" ".join(f"{_who(line)}: {_quoted(line)}" for line in chosen)[:SUMMARY_LETTERS],
        note="",
        from_turn=talk[0].turn_id,
        to_turn=talk[-1].turn_id,
        said_from=min(said.message.sent_at for said in told),
        said_to=max(said.message.sent_at for said in told),
    )


def where_it_stood(lines: Sequence[Message]) -> str:
    """Say where a talk stood at the end of *lines*, oldest first: what was said last, and whether she answered it."""
    asked = next((line for line in reversed(lines) if line.speaker is Speaker.PERSON), None)
    if asked is None:
        return f"You said last: {_quoted(lines[-1])}" if lines else ""
    last = f"{_who(asked)} said last: {_quoted(asked)}"
    if lines[-1].speaker is not Speaker.SELF:
        return f"{last} You had not answered."
    return f"{last} You answered: {_quoted(lines[-1])}"


def _who(line: Message) -> str:
    return "you" if line.speaker is Speaker.SELF else short_code("u", line.author.user_id)


def _quoted(line: Message) -> str:
    plain = visible_line(safe_text(without_secrets(line.content)))
    text = _QUOTES.sub("'", plain)
    return f"“{text}”" if len(text) <= LINE_LETTERS else f"“{text[: LINE_LETTERS - 1]}…”"
