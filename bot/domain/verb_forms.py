"""Forms of English verbs that no rule of endings brings together: who asks "did I buy" means "I bought"."""

from __future__ import annotations

_FORMS = (
    "beat/beaten become/became begin/began/begun bend/bent bite/bit/bitten bleed/bled blow/blew/blown "
    "break/broke/broken breed/bred bring/brought build/built burn/burnt buy/bought catch/caught choose/chose/chosen "
    "come/came deal/dealt dig/dug draw/drew/drawn dream/dreamt drink/drank/drunk drive/drove/driven eat/ate/eaten "
    "fall/fell/fallen feed/fed feel/felt fight/fought find/found flee/fled fly/flew/flown forget/forgot/forgotten "
    "forgive/forgave/forgiven freeze/froze/frozen get/got/gotten give/gave/given go/went/gone grow/grew/grown "
    "hang/hung hear/heard hide/hid/hidden hold/held keep/kept know/knew/known lay/laid lead/led learn/learnt "
    "leave/left lend/lent light/lit lose/lost make/made mean/meant meet/met pay/paid ride/rode/ridden "
    "ring/rang/rung rise/rose/risen run/ran see/saw/seen sell/sold send/sent sew/sewn shake/shook/shaken shine/shone "
    "shoot/shot show/shown sing/sang/sung sink/sank/sunk sit/sat sleep/slept slide/slid speak/spoke/spoken "
    "spend/spent stand/stood steal/stole/stolen stick/stuck strike/struck swear/swore/sworn sweep/swept swim/swam/swum "
    "swing/swung take/took/taken teach/taught tear/tore/torn think/thought throw/threw/thrown "
    "understand/understood wake/woke/woken wear/wore/worn weep/wept win/won write/wrote/written "
    "child/children man/men woman/women foot/feet tooth/teeth mouse/mice goose/geese wife/wives knife/knives "
    "die/dying"
)


def _by_form() -> dict[str, str]:
    found = {}
    for row in _FORMS.split():
        forms = row.split("/")
        for form in forms:
            found[form] = " ".join((form, *(other for other in forms if other != form)))
    return found


_BY_FORM = _by_form()


def with_forms(word: str) -> str:
    """Give a *word* (in small letters) and, behind it, other forms of it that do not look like it."""
    return _BY_FORM.get(word, word)
