"""How people ask to be reminded of something: words that say so, and questions about themselves; pure, some languages.

What hangs on it is only how much of a question has to be found before something comes to mind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.domain.common_words import COMMON_WORDS
from bot.domain.languages import SMALL_WORDS, likely_languages
from bot.domain.scripts import fold
from bot.domain.searchable import WORD


def _words(rows: Iterable[str]) -> frozenset[str]:
    """Give the words of *rows* as they are compared."""
    return frozenset(fold(word) for row in rows for word in row.split())


# "Do you remember what I told you about …": they say that something was said, not what.
_REMINDING_ROWS = (
    "remember remembered recall remind reminded mention mentioned tell told say said saying know",
    "forget forgot chance wondering wonder hey again erinnerst erinnern erinner weisst weist",
    "weißt erzahlt erzählt gesagt sagte meinte nochmal eigentlich souviens souvenir rappelles rappelle rappeler",
    "dit raconte raconté parle parlé sais recuerdas recuerda acuerdas acuerda dije dicho conte conté contado sabes",
    "hable hablé lembra lembras lembrar disse contei falei sabe ricordi ricorda ricordare detto raccontato raccontai",
    "herinner weet verteld gezegd vertelde zei minns berattade berättade sagt husker fortalte fortalt",
    "muistatko emlekszel emlékszel mondtam hatirliyor hatırlıyor hatirla hatırla musun misin soyledim söyledim",
    "anlattim anlattım pamietasz pamiętasz mowilem mówiłem mowilam mówiłam pamatujes pamatuješ rikal říkal ingat",
    "bilang ceritakan помнишь помнить вспомни говорил говорила рассказывал рассказывала сказал сказала знаешь",
    "памятаєш",
)
REMINDING = _words(_REMINDING_ROWS)
_REMEMBER = (
    r"\b(?:remember|recall|remind me|did i (?:ever )?(?:tell|say|mention)|(?:i|i['’]ve) (?:told|said|mentioned)"
    r"|what do you know|erinner\w*|weisst du noch|weist du noch|erzahlt|gesagt hab\w*|souviens|rappelle\w*|ai dit"
    r"|ai raconte|recuerda\w*|acuerda\w*|te dije|te conte|lembra\w*|te disse|te contei|ricord\w*|ti ho detto"
    r"|ti ho raccontato|herinner\w*|weet je nog|minns du|husker du|hatirl\w*|pamietasz|помнишь|говорил\w*"
    r"|рассказывал\w*|памятаєш|ingat)\b"
    r"|记得|記得|说过|說過|覚えて|言ったっけ|話したっけ|っけ|기억|말했|تتذكر|याद"
)
_I_ROWS = (
    "i me my mine myself im ive ich mich mir mein meine meinen meinem meiner meines je j moi mon ma mes yo mi mis",
    "conmigo eu meu minha meus minhas io mio mia miei mie ik mij mijn jag mig min mitt mina jeg meg minä minun mun",
    "engem nekem benim bana beni aku saya ku mam moj moja moje mnie muj moji я меня мне мной мой моя мое моё мои",
    "моего моей моих мою мене мій أنا मैं मेरा मेरी मेरे मुझे εγω μου",
)
_I = _words(_I_ROWS)
_I_GLUED = re.compile("我|私|わたし|僕|ぼく|俺|(?<![가-힣])(?:나|내|저|제)(?=[가는의를도한\\s]|$)")
# What people say to be nice, and what says how they are: alone it concerns nothing that was said.
_POLITE_ROWS = (
    "good great nice cool fine sweet cute lovely awesome amazing perfect morning evening night day afternoon weekend",
    "thanks thank thx please sorry welcome yes yeah yep no nope ok okay sure right really wow haha hehe lol hmm hm oh",
    "ah hello hi hey bye goodbye see later soon tomorrow sounds well think time help something anything love like",
    "happy sad bored tired sleep sleepy fun funny much very dear friend today now just guess mean thing things best",
    "guten gute guter morgen tag abend nacht danke bitte ja nein klar stimmt echt super schon schön toll lieb geht",
    "gehts wirklich genau mude müde langweilig tschuss tschüss hallo schlaf bis spater später heute liebe hola buenas",
    "buenos noches dias días tardes gracias por favor si sí vale claro bien mejor luego hasta quiero adios adiós",
    "bueno genial cansado cansada salut bonjour bonsoir bonne nuit merci oui non d'accord allez aime demain fatigue",
    "fatigué fatiguée ciao buongiorno buonanotte buonasera grazie prego bene bello amo stanco stanca domani bom boa",
    "dia noite tarde obrigado obrigada sim nao não tudo bem legal tchau goedemorgen goedenavond welterusten bedankt",
    "dank leuk mooi moe doei god morgon natt tack tak takk hej hei gunaydin günaydın iyi geceler tesekkurler",
    "teşekkürler evet hayir hayır tamam dzien dzień dobry dobranoc dzieki dzięki nie dobrze spasibo спасибо привет",
    "пока доброе утро спокойной ночи добрый день вечер да нет хорошо ладно круто пожалуйста люблю",
)
_POLITE = _words(_POLITE_ROWS)
TINY = 2  # letters: such a word is small in some language, and hardly ever more than that in another
_ENDS = frozenset({"m", "s", "t", "d", "ll", "re", "ve"})  # as in "I'm", "she's", "don't"
_MARKS = re.compile("[?？؟՞]")
_ASKS_ROWS = (
    "what who whom whose where when which how why whats wheres whens whos am did do was wer wem wen wo wann welche",
    "welcher welches wie warum wieso woher wohin que quoi qui quand comment pourquoi quel quelle qué quién dónde",
    "cuándo cuál cómo por quem onde quando qual como che chi dove quale come wat waar wanneer welke hoe vad vem var",
    "när vilken hur hva hvem hvor hvornår ne kim nerede hangi nasil co kto gdzie kiedy jak ktory apa siapa mana kapan",
    "что кто где когда какой какая какое как куда",
)
_ASKS = _words(_ASKS_ROWS)


_PAIR_ROW = "里 哪里 什么 么时 时候 是什 怎么 何で どこ こで 誰が"
_ASKING_PAIRS = frozenset(_PAIR_ROW.split())
# "¿Dónde trabajo?", "dove lavoro?", "nerede çalışıyorum?", "gdzie pracuję?": who asks stands in the end of the verb
_I_ENDS = re.compile(r"(?:o|oy|ę|[ae]m|[ıiuü]m)$")
_SAY_I = frozenset(("english", "german", "dutch", "french", "swedish", "danish", "norwegian"))  # who never leave it


def says_nothing(words: Iterable[str]) -> bool:
    """Say whether *words* (in small letters) concern nothing that was said: small ones, and polite ones."""
    return all((word.isascii() and len(word) <= 2) or fold(word) in _POLITE or word in SMALL_WORDS for word in words)


def is_common(word: str) -> bool:
    """Say whether a *word* (in small letters) is one that everybody uses: by itself it concerns nothing."""
    is_tiny = len(word) <= TINY and word in SMALL_WORDS
    return is_tiny or fold(word) in COMMON_WORDS or fold(word) in _POLITE


def is_small(word: str) -> bool:
    """Say whether a *word* (in small letters) is a small one or a question's, where no rules of a language tell."""
    return word in SMALL_WORDS or fold(word) in _ASKS or word in _ASKING_PAIRS


def asks_to_remember(text: str) -> bool:
    """Say whether *text* asks to be reminded of what was said."""
    return re.search(_REMEMBER_FOLDED, fold(text)) is not None


def telling(words: Iterable[str], text: str) -> tuple[str, ...]:
    """Give those of the *words* of *text* that say what it is about.

    Ends of words that stand apart ("I'm") never do. Where nothing is asked, what people say to be nice does not either.
    """
    kept = tuple(word for word in words if word not in _ENDS)
    if _is_asking(text):
        return kept
    return tuple(word for word in kept if fold(word) not in _POLITE) or kept


def _is_asking(text: str) -> bool:
    first = WORD.search(text)
    begins = first is not None and fold(first.group()) in _ASKS
    return begins or _MARKS.search(text) is not None or asks_to_remember(text)


def asks_of_oneself(text: str) -> bool:
    """Say whether *text* is a question about who asks it, or asks to be reminded."""
    if asks_to_remember(text):
        return True
    words = [fold(word) for word in WORD.findall(text)]
    if not words or (_MARKS.search(text) is None and words[0] not in _ASKS):
        return False
    return not _I.isdisjoint(words) or _I_GLUED.search(text) is not None or _ends_in_oneself(text)


def _ends_in_oneself(text: str) -> bool:
    first, *others = [word.lower() for word in WORD.findall(text)]
    if fold(first) not in _ASKS or not _SAY_I.isdisjoint(likely_languages((first, *others))[:1]):
        return False
    return any(_I_ENDS.search(word) is not None for word in others)


_REMEMBER_FOLDED = re.compile(re.sub(r"[^\x00-\x7f]+", lambda found: fold(found.group()), _REMEMBER), re.IGNORECASE)
