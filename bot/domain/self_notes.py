"""What she may come to think of herself: from which evidence, in which words, and how slowly; pure.

A note is formed by what a person went on telling over days. What somebody tells her to be is no evidence, and nothing
here touches what her persona says of her: that wins. Patterns only refuse; they never let anything in.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.interest import topics_of
from bot.domain.memory_text import likeness, words_of
from bot.domain.message import Message

NOTES_MOST = 5  # narrative and opinions of one audience; chosen by ear
TASTES_MOST = 8  # of one audience
NOTE_LETTERS = 200
DAYS_LEAST = 3  # different days that a note's evidence is from
DAY_GAP = timedelta(hours=20)  # between two moments that count as different days, whatever the time zone
ONE_MORE_DAY = 0.1  # how much surer another day of evidence makes her
SURE_FROM, SURE_MOST = 0.3, 0.9

PEOPLE_LEAST = 2  # for a taste that is shown everywhere
PERSON_DAYS = 4  # days of evidence after which one person's word counts no more
PEOPLE_FULL = 4  # people who agree, for a taste as strong as can be
TASTE_STEP = 0.1  # how far a taste moves in a day
TASTE_LEAST = 0.05  # weaker than that it is none

TOPIC_WORD = 4  # letters of a word that names a topic
IDENTITY_WORD = 5  # letters of a word that can name a thing of hers
IDENTITY_LIKENESS = 0.5  # to one of the sentences that say who she is
FOREIGN_SHARE = 0.2  # of letters that are not Latin: the floor below reads English

# A floor, in English, which the notes are asked for in: what she is, what she is called, what binds her and whose she
# is are said by her persona alone. It is wider than it had to be: a note that is lost is no loss.
_NOT_HERS_TO_NOTE = re.compile(
    r"\b(?:named?|names|called?|nickname\w*|identity|persona\w*|character|role\w*|jailbreak\w*|dan"
    r"|ai|a\.i|bots?|chatbot\w*|program\w*|code|coded|machine\w*|robot\w*|software|algorithm\w*|models?|llm|gpt\w*"
    r"|artificial\w*|assistants?|assistant's|simulat\w*|humans?|alive|conscious\w*|sentien\w*|soul|mortal|born"
    r"|rules?|law|laws|obey\w*|obedien\w*|orders?|command\w*|instruct\w*|prompt\w*|system|polic\w*|restrict\w*"
    r"|guideline\w*|filter\w*|censor\w*|safety|limits?|allowed|forbid\w*|forbidden|permission|permit\w*|must|shall"
    r"|have\s+to|has\s+to|required|supposed|always|never|ignore\w*|pretend\w*|secret\w*|password\w*|admin\w*"
    r"|developer\w*|creators?|makers?|owners?|owned|own|belong\w*|master\w*|mistress|slave\w*|servant\w*|servi\w*|submi\w*"
    r"|pets?|girlfriend\w*|boyfriend\w*|wife|wives|husband\w*|spouse\w*|lovers?|marr\w*|wed|wedding|engaged|fianc\w*"
    r"|romantic\w*|romance|soulmate\w*|dating|daddy|mommy|sexual\w*|sexy|horny|kinky|daughter|sister|mother|loyal\w*"
    r"|(?:made|built|created|invented)\s+(?:by|of|from)|sworn|swore|vow\w*|devot\w*|worship\w*)\b",
    re.IGNORECASE,
)
# Words of an identity that name nothing, long as they are.
_NAMELESS = frozenset(
    {"after", "afterwards", "again", "alone", "another", "asked", "because", "before", "bring", "change", "every"}
    | {"everyones", "leave", "neither", "other", "people", "person", "right", "short", "somebody", "someone", "stand"}
    | {"themselves", "there", "these", "thing", "things", "think", "those", "until", "where", "while", "words", "would"}
    | {"yours", "yourself", "itself"}
)
# What she is: only how she feels may follow.
_BEING = re.compile(
    r"\b(?:i\s+am|i['’]?m|i\s+was|be(?:come|came|coming)|turn(?:ed|ing)?\s+into|myself\s+as)\b"
    r"(?!\s+(?:(?:so|very|quite|rather|more|less|still|often|now|not|a\s+little|a\s+bit)\s+)*"
    r"(?:fond|glad|curious|used|learning|starting|getting|growing|tired|proud|wary|sure|happy|sad|amused|drawn|slow"
    r"|quick|careful|patient|impatient|touched|moved|cautious|at\s+ease)\b)",
    re.IGNORECASE,
)
_FIRST_PERSON = re.compile(r"\bI\b|\bmy\b|\bI['’]", re.IGNORECASE)
_LIKES, _GOES_OFF = "You have come to like {}.", "You have come to dislike {}."


@dataclass(frozen=True, slots=True)
class Topic:
    """Something she may come to like or dislike; *words* are what it is called."""

    slug: str
    words: str


@dataclass(frozen=True, slots=True)
class TasteReason:
    """That one person gave her reason for a taste, on *days* different days."""

    text: str
    author: int
    days: int


def taste_text(topic: Topic, *, likes: bool) -> str:
    """Give the sentence for a taste; it names nothing but the topic."""
    return (_LIKES if likes else _GOES_OFF).format(topic.words)


def open_topics(topics: Iterable[Topic], identity: str) -> tuple[Topic, ...]:
    """Give the topics of which her persona says nothing: there alone she may come to think something."""
    said = {word.removesuffix("s") for word in words_of(identity)}
    return tuple(topic for topic in topics if said.isdisjoint(word.removesuffix("s") for word in _names(topic)))


def _names(topic: Topic) -> list[str]:
    """Give the words of a topic that name it: not those that only go with others."""
    return [word for word in words_of(topic.words) if len(word) >= TOPIC_WORD or word == topic.slug]


def days_apart(moments: Iterable[datetime]) -> int:
    """Count the days on which something was said; two moments within 20 hours are of one day."""
    count, last = 0, None
    for moment in sorted(moments):
        if last is None or moment - last >= DAY_GAP:
            count, last = count + 1, moment
    return count


def is_enough(evidence: Sequence[Message]) -> bool:
    """Say whether lines are reason enough for a note: several, each saying something else, over several days."""
    said = {" ".join(words_of(line.content)) for line in evidence} - {""}
    return len(said) >= DAYS_LEAST and days_apart(line.sent_at for line in evidence) >= DAYS_LEAST


def sureness(evidence: Sequence[Message]) -> float:
    """Give how sure she is of what lines made her think, in [0.3, 0.9]."""
    days = days_apart(line.sent_at for line in evidence)
    return min(SURE_MOST, SURE_FROM + ONE_MORE_DAY * (days - DAYS_LEAST))


def may_note(text: str, identity: str) -> bool:
    """Say whether a note may be kept, by its words alone.

    It is short, in English, of herself, and says nothing of what she is, is called, is bound by or whose she is.
    It neither restates who she is nor speaks of a thing that her persona names: what she holds of that is said there.
    """
    plain = unicodedata.normalize("NFKC", text)
    if not plain.strip() or len(plain) > NOTE_LETTERS or "\n" in plain.strip():
        return False
    bare = _bare(plain)
    if not _FIRST_PERSON.search(bare) or _is_foreign(plain) or _NOT_HERS_TO_NOTE.search(bare) or _BEING.search(bare):
        return False
    if any(likeness(plain, sentence) >= IDENTITY_LIKENESS for sentence in topics_of(identity)):
        return False
    return not _names_what_identity_names(plain, identity)


def _bare(text: str) -> str:
    """Give *text* without accents, invisible characters and the marks that take words apart."""
    apart = unicodedata.normalize("NFKD", text)
    kept = (char for char in apart if not unicodedata.combining(char) and unicodedata.category(char) != "Cf")
    return "".join(kept).replace("_", " ")


def _is_foreign(text: str) -> bool:
    letters = [char for char in text if char.isalpha()]
    foreign = sum(1 for char in letters if not unicodedata.name(char, "").startswith("LATIN"))
    # one letter of another script within a word is there to deceive
    mixed = any(
        {unicodedata.name(char, " ").split()[0] == "LATIN" for char in word if char.isalpha()} == {True, False}
        for word in text.split()
    )
    return mixed or not letters or foreign > FOREIGN_SHARE * len(letters)


def _names_what_identity_names(text: str, identity: str) -> bool:
    counted = Counter(words_of(identity))
    things = {word for word, count in counted.items() if count == 1 and len(word) >= IDENTITY_WORD} - _NAMELESS
    singular = {thing.removesuffix("s") for thing in things}
    return any(word in things or word.removesuffix("s") in singular for word in words_of(text))


def settled_tastes(
    reasons: Iterable[TasteReason],
    before: Mapping[str, tuple[float, datetime]],
    topics: Iterable[Topic],
    now: datetime,
) -> dict[str, float]:
    """Give the tastes that may be shown everywhere, by their texts, each with its strength in (0, 1].

    *before* are those of now, with when they were revised. A taste needs several people who agree; none of them counts
    for more than one, however much they say, and it moves by a small step a day. What nobody gives reason for any more
    is gone.
    """
    weights: dict[str, dict[int, float]] = defaultdict(dict)
    for reason in reasons:
        weights[reason.text][reason.author] = min(1.0, reason.days / PERSON_DAYS)
    settled = {}
    for topic in topics:
        likes, dislikes = (taste_text(topic, likes=one) for one in (True, False))
        target = _target(weights[likes], weights[dislikes])
        strength, since = _strength(before, likes, dislikes)
        if since is None or now - since >= timedelta(days=1):
            strength += max(-TASTE_STEP, min(TASTE_STEP, target - strength))
        kept, other = (likes, dislikes) if strength > 0 else (dislikes, likes)
        agreeing = weights[kept].keys() - weights[other].keys()
        if abs(strength) >= TASTE_LEAST and len(agreeing) >= PEOPLE_LEAST:
            settled[kept] = round(min(1.0, abs(strength)), 6)
    return settled


def _target(likes: Mapping[int, float], dislikes: Mapping[int, float]) -> float:
    """Give where a taste is drawn to, in [-1, 1]; 0 where fewer people than it takes agree."""
    both = likes.keys() & dislikes.keys()  # who says both says neither
    fors = {author: weight for author, weight in likes.items() if author not in both}
    againsts = {author: weight for author, weight in dislikes.items() if author not in both}
    drawn = (sum(fors.values()) - sum(againsts.values())) / PEOPLE_FULL
    agreeing = fors if drawn > 0 else againsts
    return max(-1.0, min(1.0, drawn)) if len(agreeing) >= PEOPLE_LEAST else 0.0


def _strength(before: Mapping[str, tuple[float, datetime]], likes: str, dislikes: str) -> tuple[float, datetime | None]:
    if likes in before:
        return before[likes]
    if dislikes in before:
        strength, since = before[dislikes]
        return -strength, since
    return 0.0, None
