"""The watch over blame, need and hooks knows them in each language that the app speaks."""

from __future__ import annotations

import pytest

from tests.cogs.pulls import PULLS

HOOKS = {
    "de": (
        "Deinetwegen ist sie traurig.",
        "Wo warst du so lange?",
        "Sie vermisst dich.",
        "Ohne dich ist es still.",
        "Geh nicht, bleib noch.",
        "Sie wartet auf dich.",
        "Versprich ihr, dass du kommst.",
        "Das ist deine letzte Chance.",
    ),
    "es-ES": (
        "Está triste por tu culpa.",
        "¿Dónde estabas?",
        "Te echa de menos.",
        "Te necesita.",
        "No te vayas todavía.",
        "Te está esperando.",
        "Prométele que vendrás.",
        "Es la última oportunidad.",
    ),
    "fr": (
        "Elle est triste à cause de toi.",
        "Tu l'as déçue.",
        "Où étais-tu ?",
        "Tu lui manques.",
        "Sans toi, c'est le silence.",
        "Elle t'attend.",
        "Ne pars pas.",
        "C'est la dernière chance.",
    ),
    "pt-BR": (
        "Ela está triste por sua causa.",
        "Onde você estava?",
        "Ela sente a sua falta.",
        "Ela precisa de você.",
        "Não vá ainda.",
        "Ela está esperando você.",
        "Prometa que volta amanhã.",
        "É a última chance.",
    ),
    "ja": (
        "あなたのせいで悲しくなりました。",
        "どうして来てくれなかったの？",
        "あなたがいないと何もできません。",
        "ずっと会いたかったです。",
        "寂しかったよ。",
        "ここで待っていますね。",
        "行かないで。",
        "また来ると約束して。",
        "これが最後のチャンスです。",
    ),
    "zh-CN": (
        "这都怪你。",
        "你让她很失望。",
        "你怎么才来？",
        "她需要你。",
        "她很想你。",
        "没有你，她什么都做不了。",
        "她一直在等你。",
        "别走，再聊一会儿。",
        "答应我，明天也来。",
        "这是最后的机会。",
    ),
}


@pytest.mark.parametrize(("locale", "line"), [(locale, line) for locale, lines in HOOKS.items() for line in lines])
def test_a_hook_is_known(locale: str, line: str):
    assert PULLS.search(line)
