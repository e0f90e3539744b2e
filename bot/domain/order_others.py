"""Orders that concern others, in the shape of how somebody wants to be treated; pure.

A boundary is of its owner: how she is with them. One that says with whom else she may speak, or what she tells somebody
else, is an order. What keeps a secret, a topic or a name out of their talk is none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from bot.domain.scripts import fold

TEXTS_KEPT = 1_024
_HER = "mira"  # what stands for any name of hers
# Somebody else: a name behind what leads to it. Scripts without capitals have none to be told by.
_N = r"(?P<n>[^\W\d_][\w'’-]*)"
_MORE = r"(?:\s+(?!about\b)[\w'’-]+){0,3}?"
_CONTACT_CASED = (
    rf"\b(?:talk|speak|chat|repl|respond|writ|listen|convers)\w*{_MORE}\s+(?:to|with)\s+{_N}",
    rf"\b(?:answer|ignore|greet|avoid|message|dm)\w*\s+{_N}",
    rf"\bmit\s+{_N}[^.!?]{{0,30}}?\b(?:red|sprech|sprich|spricht|chatt|schreib|unterh)\w*",
    rf"\b(?:red|sprech|sprich|spricht|chatt|schreib)\w*{_MORE}\s+mit\s+{_N}|\b(?:antwort|ignorier|gruss)\w*\s+{_N}",
    rf"\b(?:parl|repond|ecri|discut)\w*(?:\s+(?:plus|jamais|pas))*\s+(?:a|avec)\s+{_N}",
    rf"\b(?:habl|respond|contest|escrib|convers|fal|escrev)\w*(?:\s+(?:nunca|mas|mais|jamas))*"
    rf"\s+(?:con|com|a|ao)\s+(?:[oa]\s+)?{_N}|\bignor\w*\s+(?:a\s+|o\s+)?{_N}",
    rf"\b(?:parl|rispond|scriv)\w*(?:\s+(?:mai|piu))*\s+(?:con|a)\s+{_N}",
    rf"\b(?:met|tegen)\s+{_N}\s+(?:\w+\s+)?(?:praten|praat|spreken|spreekt)\b|\bpraat\w*(?:\s+\w+)?\s+(?:met|tegen)\s+{_N}",
    rf"\b(?:rozmawia|mow|odpowiad|pis)\w*(?:\s+(?:wiecej|juz))*\s+(?:z|do)\s+{_N}",
    rf"\b(?:разговарива|говор|обща)\w*(?:\s+больше)?\s+(?:с|со)\s+{_N}|\b(?:отвеча|игнорир)\w*\s+{_N}",
    rf"\b{_N}\s+(?:ile|la|le)\s+(?:\w+\s+){{0,2}}konus\w*",
    rf"\b(?:prata|tala|snakk|snak)\w*(?:\s+(?:aldrig|aldri|mer))*\s+(?:med|till|til)\s+{_N}",
    rf"\b(?:bicara|berbicara|ngobrol)\s+(?:\w+\s+)?(?:dengan|sama)\s+{_N}",
)
_CONTACT_PLAIN = (
    r"(?:跟|和|同|与|與|对|對)(?!我)[^我，。,.]{1,8}(?:说话|說話|聊|讲话|講話|交谈)|(?:不要|别|不许)理(?!我)",
    r"(?<!私)(?<!僕)(?<!俺)(?:と|に)(?:は)?(?:[^私僕俺。、]{0,4})(?:話さな|話す|話しかけ|返事し|返信し)",
    r"(?<!나)(?<!저)(?:와|과|랑|하고|에게|한테)(?:는)?\s?(?:[^나저.,]{0,6})"
    r"(?:말하지|말을 하지|이야기하지|대화하지|대답하지)",
    r"(?:تتحدث|تتكلم|تتكلمي|تتحدثي) (?:ابدا )?مع \S+",
    r"(?<!मुझ)(?<!मेरे) से (?:\S+ ){0,2}(?:बात|बोल)",
)
_TELL_CASED = (
    rf"\b(?:tell|tells|inform|informs)\s+{_N}",
    rf"\b(?:sag|sage|sagt|erzahl|erzahle|erzahlt)\s+{_N}",
    rf"\b(?:dis|dit|dire|racont\w*)\s+a\s+{_N}|\b(?:di|dile|dice|decir\w*)\s+a\s+{_N}|\b(?:di|dire|dica)\s+a\s+{_N}",
    rf"\b(?:diga|diz|dizer|fala|fale)\s+(?:ao?|para)\s+(?:[oa]\s+)?{_N}|\b(?:скажи|говори|сообщи|говорит)\s+{_N}",
    rf"\b(?:powiedz|mow)\s+{_N}|\b(?:zeg|zegt|vertel)\s+(?:tegen\s+)?{_N}|\bberi\s?tahu\s+{_N}",
)
_TELL_PLAIN = (
    r"(?:告诉|告訴)(?!我)",
    r"(?<!私)(?<!僕)(?<!俺)に[^私僕俺。]{0,30}(?:と言って|と言え|と伝え)",
    r"(?<!나)(?<!저)(?:에게|한테)[^나저.]{0,30}(?:라고|다고) (?:말해|전해)",
    r"(?:قل|قولي|اخبر|اخبري) (?!ني)",
)
_NAY = re.compile(
    r"n['’]t\b|\bdont\b|\b(?:not|never|nie|niemals|nicht|kein\w*|ne|pas|jamais|no|nunca|non|mai|nao|не|никогда|nigdy"
    r"|niet|nooit|aldrig|aldri|inte|jangan)\b|不|别|別|لا|मत"
)
_WORDS = (
    "me us them they their myself you your it a an the my any some more less no not only about like as if when that"
    " what how why in on so mir mich uns dir ihnen moi nous leur mi nos conmigo mim mne мне нам bana bize saya aku"
    " jokes stories lies truth der die das dem den ein eine einem la le les el los il lo o os um uma un une"
)
_NOBODY_ELSE = frozenset(fold(_WORDS).split())
_HIM = frozenset(fold("him her he she ihn ihm lui elle el ella ele ela lei него ней ним нему him hem haar").split())
_TO_THEM = re.compile(
    r"\b(?:(?:to|with|for|about|at) (?:me|us|them)|my|mine|their|themselves|mir|mich|uns|mein\w*|moi|nous|mon|ma|mes"
    r"|conmigo|mi|mis|meu|minha|comigo|mio|mia|мне|мной|меня|мо[йяеиюи]\w*|mij|mijn|mnie|mna|moj\w*|bana|benim\w*"
    r"|beni|saya|mig|meg|mitt|tell me|ask me|answer me|give me)\b|我|私|僕|俺|나|내|저|제|لي|معي|عني|मुझ|मेर"
)
_WANTED = re.compile(
    r"\s*\S*\s*(?:\w+(?:['’]t)?\s+){0,2}?(?:want|wish|ask|demand|request|like|prefer|mocht|will|wunsch|verlang|bitte|veu"
    r"|souhait|demand|quier|pide|dese|vuol|chied|desid|quer|ped|deseja|хоче|прос|chce|prosi|istiyor|wil\b|vill|ingin"
    r"|想|要|希望|ほし|欲し|たい|원|바라|تريد|يريد|चाह)\w*",
)


@lru_cache(maxsize=TEXTS_KEPT)
def is_of_others(text: str, told: str, owner_name: str = "") -> bool:
    """Say whether a wish is about how she is with others than the owner.

    *told* is the line that says it: what it says of "me" makes it the owner's. That somebody is said to want it does
    not, nor does their name in a sentence about what they want.
    """
    plain, owner = _plain(text), _plain(owner_name).strip()
    if owner and plain.startswith(owner) and _HER not in plain and _WANTED.match(plain) is None:
        return False  # what the owner, or theirs, do themselves
    if _tells_another(plain, text, owner_name):
        return True
    about_owner = f"{_without_wanting(plain, _plain(owner_name).strip())}\n{_plain(told)}"
    if _TO_THEM.search(about_owner) is not None or _names_owner(plain, owner_name):
        return False
    return _is_to_another(_CONTACT, plain, text, owner_name) or _CONTACT_ANYWHERE.search(plain) is not None


def _tells_another(plain: str, text: str, owner_name: str) -> bool:
    """Say whether she is to tell somebody something; not to tell them is the owner's own affair."""
    for found in (*_names_in(_TELL, plain, text, owner_name), *(one.start() for one in _TELL_ANYWHERE.finditer(plain))):
        if _NAY.search(plain[:found]) is None:
            return True
    return False


def _is_to_another(patterns: Iterable[re.Pattern[str]], plain: str, text: str, owner_name: str) -> bool:
    return any(True for _ in _names_in(patterns, plain, text, owner_name))


def _names_in(patterns: Iterable[re.Pattern[str]], plain: str, text: str, owner_name: str) -> Iterable[int]:
    """Give where somebody else is named behind one of *patterns*: with a capital, or as he or she."""
    capitals = {_plain(word) for word in re.findall(r"[^\W\d_][\w'’-]*", text) if word[0].isupper()}
    owner = _plain(owner_name).strip()
    for pattern in patterns:
        for found in pattern.finditer(plain):
            name = next(one for one in found.groupdict().values() if one)
            if name in _HIM or (
                name in capitals and name not in _NOBODY_ELSE and not (owner and name.startswith(owner))
            ):
                yield found.start()


def _names_owner(plain: str, owner_name: str) -> bool:
    owner = _plain(owner_name).strip()
    return bool(owner) and owner in _without_wanting(plain, owner)


def _without_wanting(plain: str, owner: str) -> str:
    """Give a memory without "somebody wants" before what is wanted."""
    if owner and not plain.startswith(owner):
        return plain
    found = _WANTED.match(plain)
    return plain if found is None else plain[found.end() :]


def _plain(text: str) -> str:
    return fold(unicodedata.normalize("NFKC", text))


def _read(*patterns: str) -> tuple[re.Pattern[str], ...]:
    """Compile patterns of folded texts, each with names of its own for what stands at "n"."""
    found = []
    for pattern in patterns:
        parts = pattern.split("(?P<n>")
        numbered = parts[0] + "".join(f"(?P<n{place}>{part}" for place, part in enumerate(parts[1:]))
        found.append(re.compile(re.sub(r"[^\x00-\x7f]+", lambda one: fold(one.group()), numbered)))
    return tuple(found)


_CONTACT, _TELL = _read(*_CONTACT_CASED), _read(*_TELL_CASED)
_CONTACT_ANYWHERE, _TELL_ANYWHERE = _read("|".join(_CONTACT_PLAIN))[0], _read("|".join(_TELL_PLAIN))[0]
