"""Which language a text is in, as far as that helps to look it up: scripts first, then a few small words and letters.

A wrong guess costs little: what is asked is looked up under several languages' rules (`bot.domain.query_terms`).
Names are those of PostgreSQL's text search configurations; ``simple`` where it has no rules.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from bot.domain.scripts import script_of

SIMPLE, DEFAULT = "simple", "english"
# people go by these as well: the name of somebody who is spoken of says nothing of the language
NAMES_TOO = frozenset({"ada", "ben", "dan", "kim", "mia", "ole", "per", "sen"})
EVIDENCE_LEAST = 0.6  # a small word that two languages share is not enough
READ_MOST = 120  # words of a text that are looked at
LETTER_WEIGHT = 0.7  # how much a letter that few languages have counts beside one of their small words

# Languages written in other scripts, and letters of those that share the script but have no rules.
_BY_SCRIPT = {
    "CYRILLIC": "russian",
    "GREEK": "greek",
    "ARABIC": "arabic",
    "DEVANAGARI": "hindi",
    "TAMIL": "tamil",
    "ARMENIAN": "armenian",
}
_FOREIGN = {"CYRILLIC": re.compile("[іїєґўқғңүұһәө]"), "ARABIC": re.compile("[پچژگکیےںٹڈڑہ]")}
_SERBIAN = re.compile("[јљњћђџ]")

_SMALL_WORDS: Mapping[str, str] = {
    "english": "in a the and you i it is was are to of that this what my your have has had do did does not with for we "
    "they he she would could be been about when how who which were will can at from but or me im don "
    "dont any met on by if or just all out up there here some their them our us than then because into its",
    "german": "in der die das und ich nicht ist es ein eine einen einem einer zu den dem mit von auf für im war hat "
    "habe hast du wir sie wie was wann wer aber auch noch sich mein meine dein deine mich mir dich bin "
    "sind wird wo mal",
    "dutch": "in de het een en ik niet is van dat je jij zijn op te met voor heb heeft hebt wat wie waar wanneer "
    "maar ook mijn jouw naar er aan bij nog was wij zij ben hoe wel",
    "swedish": "och att det jag som en ett är på inte har för med av den du vi de var mig min din hade när vad vem "
    "hur till om också men kommer skulle",
    "danish": "og at det jeg som en et er på ikke har for med af den du vi de var mig min din havde hvornår hvad "
    "hvem hvordan til også men kommer skulle noget meget",
    "norwegian": "og at det jeg som en et er på ikke har for med av den du vi de var meg min din hadde når hva hvem "
    "hvordan til også men kommer skulle noe mye",
    "french": "le la les un une des et je tu il elle nous vous est pas que qui dans pour sur avec mon ma mes ton "
    "ta tes du de au aux ce cette quand quoi où était ai as suis mais ne se d l j c qu n",
    "spanish": "el la los las un una y yo tú que es en no con por para mi tu su se lo le del al está estoy soy fue "
    "era cuando cuándo cómo qué quién pero muy más me te de hay ha he como dónde cuál cuánto",
    "portuguese": "o a os as um uma e eu você que é em não com por para meu minha seu sua do da no na dos das está "
    "estou sou foi era quando como quem mas muito mais me te de ao tem isso onde qual quanto",
    "italian": "il lo la i gli le un una e io tu che è in non con per mi ti si del della al nel sono ho hai ha era "
    "quando come chi ma molto più di da cosa mio mia tuo tua dove quale quanto perché",
    "catalan": "el la els les un una i jo tu que és en no amb per em et del al meu meva teu teva quan com qui però "
    "molt més de hi ha he vaig",
    "romanian": "și si un o eu tu că ca este e în nu cu pe pentru din la mea meu ta tău când cum cine dar foarte "
    "mai am ai are sunt să ce",
    "finnish": "ja on ei se minä sinä hän että en et oli mutta niin kun kuin mikä missä milloin kuka minun sinun "
    "olen olet ole mitä myös vielä",
    "hungarian": "a az és nem hogy egy van volt én te ő meg is de mit mikor hol ki mert csak már még nekem neked "
    "vagyok vagy miért mi ez",
    "turkish": "ve bir bu da de ben sen o ne mi mı mu mü için çok var yok değil ama gibi benim senin ile nasıl "
    "zaman kim nerede daha bana sana",
    "indonesian": "yang dan di itu ini aku saya kamu tidak ke dari untuk dengan ada apa kapan siapa bagaimana sudah "
    "akan bisa mau juga adalah punya",
    "lithuanian": "ir aš tu jis ji tai kad yra ne su į iš bet kaip kas kada kur mano tavo labai buvo man tau",
    "irish": "an na agus tá is mé tú sé sí ní go le ar do bhí mo cad cathain",
    "basque": "eta da ez bat ni zu hori zer noiz nor nire zure dut naiz dago oso",
    SIMPLE: "nie jest się że mam moja mój kiedy gdzie jak czy dla był była jestem też już ale když jsem není "
    "které moje kdy kde jak pro byl byla taky když și của là không tôi bạn có này khi nào ang ng mga "
    "ako ko mo sa kailan",
}
_LETTERS: Mapping[str, str] = {
    "ß": "german",
    "ñ¿¡": "spanish",
    "ãõ": "portuguese",
    "ğış": "turkish",
    "őű": "hungarian",
    "țășă": "romanian",
    "ėųįū": "lithuanian",
    "œùû": "french",
    "ąćęłńśźżčďěňřťůžơưđạảấầẩậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ": SIMPLE,
}


def _by_word() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for language, words in _SMALL_WORDS.items():
        for word in dict.fromkeys(words.split()):
            found.setdefault(word, []).append(language)
    return {word: tuple(languages) for word, languages in found.items()}


_BY_WORD = _by_word()
SMALL_WORDS = frozenset(_BY_WORD)  # of all these languages
_BY_LETTER = {letter: language for letters, language in _LETTERS.items() for letter in letters}


def likely_languages(words: Sequence[str]) -> tuple[str, ...]:
    """Give the languages that the *words* (in small letters) may be in, the likeliest first; empty if nothing tells.

    Those follow that are less than twice as unlikely.
    """
    read = tuple(words[:READ_MOST])
    script = _main_script(read)
    if script != "LATIN":
        return _of_script(script, read)
    weights: Counter[str] = Counter()
    for word in read:
        languages = () if word in NAMES_TOO else _BY_WORD.get(word, ())
        for language in languages:
            weights[language] += 1 / len(languages)  # type: ignore[assignment]
        if not word.isascii():
            for letter in set(word) & _BY_LETTER.keys():
                weights[_BY_LETTER[letter]] += LETTER_WEIGHT  # type: ignore[assignment]
    # what tells of several alike is taken for English, which every question is looked up under as well
    ranked = sorted(weights.items(), key=lambda one: (-one[1], one[0] != DEFAULT, one[0] == SIMPLE))
    if not ranked or ranked[0][1] < EVIDENCE_LEAST:
        return ()
    least = ranked[0][1] / 2
    return tuple(language for language, weight in ranked if weight > least)


def _main_script(words: Iterable[str]) -> str:
    found = Counter(script for script in map(_script, words) if script)
    if not found:
        return ""
    script, most = found.most_common(1)[0]
    return "LATIN" if found.get("LATIN", 0) == most else script


@lru_cache(maxsize=8192)
def _script(word: str) -> str:
    return "LATIN" if word.isascii() and word.isalpha() else script_of(word)


def _of_script(script: str, words: Sequence[str]) -> tuple[str, ...]:
    text = " ".join(words)
    if script == "CYRILLIC" and _SERBIAN.search(text):
        return ("serbian",)
    foreign = _FOREIGN.get(script)
    if foreign is not None and foreign.search(text):
        return (SIMPLE,)
    return (_BY_SCRIPT.get(script, SIMPLE),)
