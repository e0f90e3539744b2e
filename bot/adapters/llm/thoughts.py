"""Keeps the private thoughts of reasoning models out of what is said, whatever marks them.

Knows the marks that servers leave in the text: XML-like tags, Magistral's brackets, harmony channels
(gpt-oss), and a closing mark alone, which is what comes when the prompt template wrote the opening one.
"""

from __future__ import annotations

import re

HOLD_CHARS = 400  # of plain text wait for a lone closing mark even from a model that never showed one
_LONGEST_MARK = 160  # attributes and channel headers included
_NAMES = (
    r"(?:[a-z]{1,12}[:_])?"
    r"(?:think(?:ing)?|thoughts?|thought_process|reasoning|reflection|scratchpad|analysis|(?:inner|internal)_monologue)"
)
_OPENING = {  # the mark that opens a thought, and the one that closes it
    rf"<(?P<name>{_NAMES})(?:\s[^<>\[]{{0,80}})?>": "",  # closed by its own name
    r"\[THINK\]": r"\[/THINK\]",
    r"◁think▷": r"◁/think▷",
    r"<\|channel\|>\s{0,4}(?:analysis|commentary|thought|reasoning)": (
        r"<\|channel\|>\s{0,4}final[^<\[]{0,20}(?:<\|constrain\|>[^<\[]{0,20})?<\|message\|>"
    ),
    r"<\|channel>\s{0,4}thought": r"<channel\|>",
    r"<\|begin_of_thought\|>": r"<\|end_of_thought\|>",
    r"<\|START_THINKING\|>": r"<\|END_THINKING\|>",
}
_CLOSING = "|".join([rf"</{_NAMES}\s{{0,4}}>", *(mark for mark in _OPENING.values() if mark)])
_NOISE = (  # empty thoughts, and control tokens that servers forget to take out
    rf"<{_NAMES}\s?/>|"
    r"<\|start\|>assistant|<\|(?:end|return|call|message|im_end|begin_of_solution|end_of_solution"
    r"|START_RESPONSE|END_RESPONSE)\|>"
)
_ANY_CASE = re.IGNORECASE
_MARK = re.compile(
    rf"(?P<noise>{_NOISE})|(?P<open>{'|'.join(_OPENING)})|(?P<close>{_CLOSING})",
    _ANY_CASE,
)
_MAY_BE_MARK = re.compile(
    r"(?:<(?:/?[a-z][\w:]*(?:/|\s[^<>\[]{0,80})?|/|\|.*)?|\[/?T?H?I?N?K?|◁/?[a-z]*)\Z", _ANY_CASE | re.DOTALL
)
_MARK_STARTS = frozenset("<[◁")


class ThinkingHabit:
    """What a model's answers have shown of how it thinks; one for all answers of a model."""

    def __init__(self) -> None:
        self._is_known = False
        self.is_unmarked = False  # its thoughts once ended without having been opened

    @property
    def hides_start(self) -> bool:
        """Say whether a text may begin inside a thought without a mark: yes, until the model showed otherwise."""
        return self.is_unmarked or not self._is_known

    def note(self, *, is_unmarked: bool) -> None:
        """Note how an answer's thoughts were marked; a model that once left the opening mark out may do so again."""
        self._is_known = True
        self.is_unmarked = self.is_unmarked or is_unmarked


class ThoughtFilter:
    """Takes the thoughts out of one text as it arrives; the result is the same for any split."""

    def __init__(self, *, takes_lone_closings: bool = True) -> None:
        self._takes_lone_closings = takes_lone_closings
        self._buffer = ""
        self._before = ""  # the character before the buffer
        self._closing: re.Pattern[str] | None = None  # inside a thought: what ends it
        self.has_thought = False
        self.has_unmarked = False  # a thought ended that nothing had opened
        self.was_reset = False

    def feed(self, text: str) -> str:
        """Take a piece; gives what it adds to the spoken text.

        Afterwards *was_reset* says that everything given before was a thought too.
        """
        self.was_reset = False
        self._buffer += text
        return self._filter(is_over=False)

    def finish(self) -> str:
        """Give what was held back as the possible beginning of a mark."""
        self.was_reset = False
        return self._filter(is_over=True)

    def _filter(self, *, is_over: bool) -> str:
        spoken = ""
        while True:
            if self._closing is not None and not self._skip_thought(is_over=is_over):
                return spoken
            found = _MARK.search(self._buffer)
            if found is None:
                return spoken + self._take(self._plain_length(is_over=is_over))
            if self._may_be_quoted(found) and found.end() == len(self._buffer) and not is_over:
                return spoken + self._take(found.start())
            if self._is_quoted(found):
                spoken += self._take(found.end())
                continue
            spoken += self._take(found.start())
            if self._pass_mark(found):
                spoken = ""

    def _take(self, length: int) -> str:
        taken, self._buffer = self._buffer[:length], self._buffer[length:]
        self._before = taken[-1:] or self._before
        return taken

    def _plain_length(self, *, is_over: bool) -> int:
        """Give how much of the buffer can belong to no mark."""
        if is_over or _MARK_STARTS.isdisjoint(self._buffer[-_LONGEST_MARK:]):
            return len(self._buffer)
        found = _MAY_BE_MARK.search(self._buffer, max(len(self._buffer) - _LONGEST_MARK, 0))
        return found.start() if found else len(self._buffer)

    def _may_be_quoted(self, found: re.Match[str]) -> bool:
        return (self._buffer[: found.start()] or self._before).endswith("`")

    def _is_quoted(self, found: re.Match[str]) -> bool:
        """Say whether somebody talks about the mark: it stands in backticks."""
        return self._may_be_quoted(found) and self._buffer.startswith("`", found.end())

    def _pass_mark(self, found: re.Match[str]) -> bool:
        """Take the mark off; says whether it makes a thought of all that was before."""
        mark = self._take(found.end() - found.start())
        if found["open"]:
            self.has_thought = True
            self._closing = _closing_of(mark, found["name"])
        elif found["close"] and self._takes_lone_closings:
            self.has_thought = self.has_unmarked = self.was_reset = True
            return True
        return False

    def _skip_thought(self, *, is_over: bool) -> bool:
        """Drop what is thought; says whether the thought is over."""
        assert self._closing is not None
        found = self._closing.search(self._buffer)
        if found is None:
            self._buffer = "" if is_over else self._buffer[-_LONGEST_MARK:]
            return False
        self._take(found.end())
        self._closing = None
        return True


def _closing_of(mark: str, name: str | None) -> re.Pattern[str]:
    if name:
        return re.compile(rf"</{re.escape(name)}\s{{0,4}}>", _ANY_CASE)
    closing = next(end for start, end in _OPENING.items() if re.fullmatch(start, mark, _ANY_CASE))
    return re.compile(closing, _ANY_CASE)


def spoken_part(text: str, *, is_over: bool) -> str:
    """Give *text* without the thoughts that are marked in it; while it grows, what may become a mark is left out.

    What a longer text gives always begins with what a shorter one gave.
    """
    if _MARK_STARTS.isdisjoint(text):
        return text
    thoughts = ThoughtFilter(takes_lone_closings=False)
    spoken = thoughts.feed(text)
    if is_over:
        spoken += thoughts.finish()
    return spoken.lstrip() if thoughts.has_thought else spoken
