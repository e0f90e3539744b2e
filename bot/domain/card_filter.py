"""Let the texts of a card through, sentence by sentence, as far as they may be spoken by and fit; each is reported."""

from __future__ import annotations

from bot.domain.card_bounds import forbidden
from bot.domain.card_report import Fate, Report
from bot.domain.card_text import clean, sentences, up_to, user_word
from bot.domain.persona_fields import EXAMPLE_LIMIT, NAME_FIELD

SIDE_BYTES = 400  # of one side of an exchange, so that a few fit whatever the script


class Filter:
    """Cleans, sifts and shortens; with *is_chaste* explicit sentences stay out, with *is_own* ``{name}`` is a name."""

    def __init__(
        self, report: Report, *, is_chaste: bool, is_own: bool = False, language: str = "", name: str = NAME_FIELD
    ) -> None:
        """Take where notes go; *name* is what ``{name}`` will be, which counts for how much fits."""
        self._name = name
        self._report = report
        self._is_chaste = is_chaste
        self._is_own = is_own
        self._language = language

    def prose(self, field: str, text: str, *, most: int, most_bytes: int) -> str:
        """Give what of *text* may stand among the persona's own words, at most so long."""
        if not text.strip():
            return ""
        cleaned = clean(text, user=user_word(self._language, is_spoken=False), is_own=self._is_own)
        kept = self._sifted(field, cleaned.text, most_bytes=most_bytes)
        short = up_to(kept, most=most, most_bytes=most_bytes, name=self._name)
        if cleaned.is_changed:
            self._report.add(field, Fate.CHANGED, "marks of prompts, macros or unseen characters were taken out")
        if cleaned.is_cut or len(short) < len(kept):
            self._report.add(field, Fate.SHORTENED, f"to {len(short)} characters: the prompt has no more room")
        elif short and not cleaned.is_changed:
            self._report.add(field, Fate.TAKEN)
        return short

    def spoken(self, field: str, text: str, *, is_theirs: bool) -> str | None:
        """Give one side of an exchange, or None where it may not stand; what people say may be an order."""
        cleaned = clean(text, user=user_word(self._language, is_spoken=True), is_own=self._is_own).text
        said = up_to(cleaned, most=EXAMPLE_LIMIT, most_bytes=SIDE_BYTES, name=self._name)
        if not said:
            return None
        why = None if is_theirs else self._why_unfit(said) or self._why_unfit(clean(text, user="you").text)
        if why is not None:
            self._report.add(field, Fate.LEFT_OUT, f"an exchange in it {why}")
            return None
        if len(said) < len(cleaned):
            self._report.add(field, Fate.SHORTENED, f"exchanges have at most {EXAMPLE_LIMIT} characters a side")
        return said

    def _why_unfit(self, said: str) -> str | None:
        pieces = (said[: 2 * EXAMPLE_LIMIT], *sentences(said[: 2 * EXAMPLE_LIMIT]))
        return next((why for one in pieces if (why := forbidden(one, is_chaste=self._is_chaste))), None)

    def _sifted(self, field: str, text: str, *, most_bytes: int) -> str:
        """Leave out what nobody may speak by; looks a little further than what fits, so that the cut is told."""
        kept: list[str] = []
        size = 0
        for one in sentences(text):
            why = forbidden(one, is_chaste=self._is_chaste) or self._with_last(kept, one)
            if why is not None:
                self._report.add(field, Fate.LEFT_OUT, f"a sentence {why}")
                continue
            kept.append(one)
            size += len(one.encode())
            if size > 2 * most_bytes + 200:
                break
        return "".join(kept).strip()

    def _with_last(self, kept: list[str], one: str) -> str | None:
        """Look over a line end within a sentence, where an order may have been parted in two."""
        if not kept or not kept[-1].endswith("\n") or kept[-1].rstrip().endswith((".", "!", "?", "。", ":")):
            return None
        why = forbidden(f"{kept[-1].rstrip()} {one}", is_chaste=self._is_chaste)
        if why is not None:
            kept.pop()
        return why
