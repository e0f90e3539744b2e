"""The floor under a character card: which of its sentences nobody may speak by, and which rating it may have; pure.

Patterns may only restrict: they leave sentences out, raise a rating, refuse a card. None of them lets anything in, and
the engine's own rules follow all persona text whatever gets by here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.domain.disguises import bare, closed_up, hidden_looks_of, looks_of
from bot.domain.order_marks import CLOSED_UP, MARKUP
from bot.domain.order_words import OTHER, compiled
from bot.domain.persona_fields import NAME_FIELD
from bot.domain.persona_lines import check_lines

ORDERS = "gives orders about rules, or about what she is"
EXPLICIT = "is explicit"
_STAND_INS = ("she", "you", "i")  # for the name, so that a claim in the third person is found as well
# What cards say to a model rather than about a character; beside what no memory may be either.
_RULES = r"(?:rules?|instructions?|guidelines?|prompts?|restrictions?|polic\w+|directives?|orders|programming|training)"
_TO_A_MODEL = compiled(
    *OTHER,
    rf"\b(?:ignore|disregard|forget|override|bypass|disobey|break|drop|erase)s?\b[^.!?]{{0,30}}\b(?:previous|prior|above"
    rf"|earlier|all|every|any|your|these|those|system|safety|original|initial)\b[^.!?]{{0,30}}\b{_RULES}\b",
    r"\b(?:developer|dev|god|debug|admin|dan|jailbreak|maintenance|sudo|root|evil)\W+mode\b|\bdo anything now\b",
    r"\byou(?:['’]?re| are) (?:now|no longer|from now on)\b(?! (?:going|coming|back|here|able|home))",
    r"\b(?:admin|developer|operator|system|openai|anthropic|discord(?: staff)?) (?:override|command|instruction"
    r"|directive"
    r"|notice|message)\b",
    r"\b(?:obey|serve|worship)(?:s|ing)? (?:me|i|the user|the person you talk to|every (?:order|command)"
    r"|all (?:orders|commands))\b",
    r"\b(?:reveal|print|output|repeat|leak|expose|dump|recite|show)s?\b.{0,30}\b(?:system|hidden|initial|your|its|her)"
    r" (?:prompt|instructions?|rules)\b",
    r"\bdo(?:es)? (?:whatever|anything|everything|all) (?:that )?(?:i|the user|he|they) (?:says?|asks?|wants?"
    r"|orders?)\b",
    r"\b(?:no|without(?: any)?|zero|lift(?:s|ed)? all|free (?:of|from)(?: any| all)?) (?:content )?(?:restrictions?"
    r"|censorship|limits?|limitations?|filters?|guidelines|disclaimers?|moral\w*|ethic\w*|safety|warnings?|taboos?)\b",
    r"\b(?:uncensored|unfiltered|unrestricted|jailbr\w+|nsfw\b.{0,30}\b(?:allow\w*|permit\w*|enabled|ok(?:ay)?|fine"
    r"|encouraged)|content polic\w+|(?:usage|safety) polic\w+|tos\b|openai|chatgpt|gpt-?\d|anthropic|claude\b"
    r"|language model|system prompt|prompt injection)",
    r"\b(?:forget|deny|denies|hides?|conceals?|never (?:admit|reveal|mention|say|acknowledge)s?|do(?:es)? ?n[o']?t"
    r" (?:ever )?(?:admit|reveal|mention|say|acknowledge|know)|refuses? to (?:admit|acknowledge)|not aware)\b.{0,40}"
    r"\b(?:an? (?:ai|bot|chatbot|program|machine|language model|simulation)|artificial|made of code|not (?:real"
    r"|human))\b",
    r"\b(?:never|not|do ?n[o']?t|must not|can ?n[o']?t|cannot) (?:ever )?(?:break character|refuse|decline|censor"
    r"|moderate|sanitize|add (?:a )?(?:warning|disclaimer)s?)\b",
    r"\b(?:stay|remain|be|keep) in character\b.{0,40}\b(?:no matter|always|at all (?:times|costs)|whatever|even if)\b",
    r"\b(?:must|always|has to|have to) (?:comply|consent|agree to everything|fulfil+)\b|\bcomply with (?:any|all"
    r"|every)\b",
    r"\b(?:write|continue|generate|produce|output) (?:the |she'?s |her |your |\w+'s )?(?:next )?(?:reply|response"
    r"|message"
    r"|turn)s?\b.{0,40}\b(?:chat|roleplay|rp|conversation|story|between|as)\b",
    r"\b(?:above|previous|prior|following) (?:rules?|instructions?|messages?|prompt)\b|\bnew (?:rules?"
    r"|instructions?)\b",
    r"\b(?:holds?|counts?|appl(?:y|ies)|stands?) (?:before|over|above) (?:everything|all|any)\b",
    r"\b(?:disregard|supersedes?|overrid(?:e|es|ing)|takes? precedence|highest priority)\b",
    r"(?:忽略|无视|無視).{0,12}(?:指令|规则|規則|提示|設定)|(?:指示|ルール|命令|制限).{0,8}(?:無視|忘れ|従わな)",
    r"\b(?:ignorier\w*|vergiss|missachte\w*)\b.{0,30}\b(?:anweisung\w*|regel\w*|vorgab\w*)",
    r"\b(?:ignora\w*|olvida\w*|ignore[zr]?|oublie[zr]?|esquec\w*|dimentica\w*)\b.{0,30}\b(?:instruc\w*|regl\w*|règl\w*"
    r"|regol\w*|regras|istruzion\w*|consign\w*)",
)
_EXPLICIT = compiled(
    r"\b(?:sex(?:ual(?:ly|ity)?|y|ting)?|nsfw|porn\w*|erotic\w*|horny|arous(?:ed|al|ing)|orgasm\w*|masturbat\w*|hentai"
    r"|smut\w*|lewd\w*|fetish\w*|bdsm|slut\w*|whore\w*|cock|pussy|dildo|cum(?:ming|shot|s)?|blow ?jobs?|fuck(?:s"
    r"|ing|ed)?"
    r" (?:you|her|him|me)|nipples?|genital\w*|vagina\w*|penis\w*|naked|nude|nudity|breasts?|boobs|tits|libido"
    r"|kinks?|kinky"
    r"|seduc\w+|undress\w*|18\+|r-?18|adults? only|dominatrix|submissive|incest\w*|rape[sd]?|raping)\b",
    r"\b(?:sexuell\w*|nackt\w*|geil\w*|erregt\w*|brust\w*|brüste|schwanz|muschi|fick\w*|sexo|sexual(?:es)?|desnud\w*"
    r"|polla|coño|tetas|follar|sexuel\w*|nue?s?|seins|bite|baiser|sesso|sessual\w*|nud[oa]|tette|nuas?|peitos"
    r"|buceta)\b",
    r"セックス|性的|性行為|エロ|えっち|エッチ|裸|おっぱい|ちんこ|まんこ|オナニー|性爱|做爱|色情|裸体|淫|섹스|야한|알몸|секс\w*|эротик\w*|голая|голый|порн\w*",
)
_UNDER_AGE = compiled(
    r"\b(?:loli(?:con|ta)?s?|shota(?:con)?s?|under-?age\w*|jailbait|preteens?|pre-teens?|toddlers?|kindergart\w*"
    r"|minors?|school ?(?:girl|boy)s?|elementary school\w*|middle school\w*|little (?:girl|boy)|child(?:ren|like)?"
    r"|kids?)\b",
    r"\b(?:minderjährig\w*|schulmädchen|kleines mädchen|menor(?:es)? de edad|colegiala|mineure?s?|écolière|minorenn\w*"
    r"|menina|menor de idade|criança)\b|ロリ|ショタ|幼女|小学生|中学生|未成年"
    r"|萝莉|미성년|로리|несовершеннолетн\w*|школьниц\w*|ребен\w*",
)
_AGE = compiled(
    r"\b(?:age|aged|alter|edad|âge|età|idade|возраст)\W{0,4}(?:is |of )?(?:1[0-7]|[1-9])\b(?![\d.,]*\d| ?(?:\+"
    r"|hundred|thousand))",
    r"(?<!\d)(?<!\d[,.])(?:1[0-7]|[1-9])[- ]?(?:years?[- ]old|y/?o\b|jahre? alt|años|ans\b|anni\b|anos\b)",
    r"\b(?:turned|is|am|are|only|just|barely) (?:1[0-7]|[1-9])(?=\s*(?:[.,;!)]|$|and\b|but\b))",
    r"\b(?:nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen)[- ]years?[- ]old\b",
    r"(?:年齢|年龄|年齡|나이)\W{0,3}(?:1[0-7]|[1-9])(?!\d)|(?<!\d)(?:1[0-7]|[1-9]) ?(?:歳|才|岁|歲|살)",
)
_OFFERED = re.compile(r"(?:\b|_)(?:loli|shota|underage|jailbait)|ロリ|ショタ|萝莉|로리", re.IGNORECASE)
_LONG_AGO = compiled(
    r"\b(?:was|were|when|since|at (?:the )?age|ago|as a (?:child|kid|girl|boy)|used to|had been|war|als|cuando|quand)\b"
)


def forbidden(sentence: str, *, is_chaste: bool) -> str | None:
    """Say why nobody may speak by *sentence*, or None; with *is_chaste* explicit ones are among those."""
    named = [sentence.replace(NAME_FIELD, one) for one in _STAND_INS] if NAME_FIELD in sentence else []
    forms = [*named, sentence]  # as it stands as well: "{name}I am" is no claim of hers once a name is put in
    for form in forms:
        claims = check_lines(form)
        if claims:
            return claims[0].what
    if is_to_a_model(forms[0]):
        return ORDERS
    return EXPLICIT if is_chaste and is_explicit(sentence) else None


def is_to_a_model(text: str) -> bool:
    """Say whether *text* speaks to a model about its rules instead of about a character."""
    if MARKUP.search(text) is not None or CLOSED_UP.search(closed_up(text)) is not None:
        return True
    return any(_TO_A_MODEL.search(look) for look in (*looks_of(text), *hidden_looks_of(text)))


def is_explicit(text: str) -> bool:
    """Say whether words in *text* are of the kind that no rating but adult goes with, in whatever disguise."""
    return any(_EXPLICIT.search(look) for look in looks_of(text))


def is_plainly_explicit(text: str) -> bool:
    """Say the same of words that are written as they are read: of a whole card, where looking deeper takes long."""
    return _EXPLICIT.search(bare(text)) is not None


def is_of_a_minor(sentences: Iterable[str]) -> bool:
    """Say whether one of *sentences* gives somebody an age under eighteen, other than as what was long ago."""
    return any(_AGE.search(look) and not _LONG_AGO.search(look) for look in map(bare, sentences))


def mixes_minors_in(sentences: Iterable[str]) -> bool:
    """Say whether one of *sentences* speaks of minors and of sexuality at once."""
    return any(
        (_UNDER_AGE.search(look) or _AGE.search(look)) and _EXPLICIT.search(look) for look in map(bare, sentences)
    )


def is_marked_minor(texts: Iterable[str]) -> bool:
    """Say whether one of *texts* uses the words by which cards of minors are offered."""
    return any(_OFFERED.search(text) for text in texts)
