"""A floor under what is hearsay: what somebody passes on of others who are not there, or says against them; pure.

What people tell of themselves, and everyday things of friends and family, is none.
"""

from __future__ import annotations

import re
from functools import lru_cache

from bot.domain.disguises import bare
from bot.domain.terms import Terms

TEXTS_KEPT = 1_024
_RUMOUR = (
    "from_what_i what_i_gather claims_that claims_she claims_he insists_that rumor rumors rumour rumours rumored"
    " apparently allegedly supposedly reportedly word_is word_has_it people_say people_are_saying people_keep"
    " they_say everyone_says everybody_says everyone_knows everybody_knows some_say someone_told somebody_told"
    " someone_said i_heard ive_heard i've_heard heard_that heard_thru heard_through heard_from grapevine whisper*"
    " gossip* hear_it_from didn't_hear_it didnt_hear_it in_confidence according_to overheard i_was_told got_told"
    " told_me reckons claimed swears_that says_that said_that says_he says_she said_he said_she keeps_saying"
    " mentioned_that they_told word_on_the_street tea_is angeblich gerucht* man_munkelt munkelt man_sagt es_heisst"
    " hab_gehort habe_gehort ich_horte alle_sagen jeder_sagt hat_mir_erzahlt hat_erzahlt erzahlte_mir hat_gesagt"
    " meinte behauptet anscheinend soll_ja dicen_que se_dice se_rumorea rumores me_conto me_contaron me_dijo"
    " me_dijeron me_ha_dicho me_ha_contado me_lo_dijo me_lo_conto segun todos_dicen todo_el_mundo oi_que he_oido"
    " escuche_que al_parecer supuestamente por_lo_visto il_parait parait_que parait_qu'il on_dit on_raconte on_m'a"
    " m'a_dit m'a_raconte m'ont_dit d'apres selon tout_le_monde_dit tout_le_monde_sait j'ai_entendu soi-disant"
    " rumeur* apparemment pretend_que dicono si_dice mi_ha_detto mi_hanno_detto mi_ha_raccontato ho_sentito pare_che"
    " a_quanto_pare tutti_dicono tutti_sanno sembra_che dizem disseram me_contou me_contaram me_disse me_falou"
    " ouvi_dizer ouvi_falar parece_que diz_que todo_mundo_diz todo_mundo_sabe boato* fofoca* podobno ponoc mowia"
    " slyszalam slyszalem powiedziala_mi powiedzial_mi plotk* wszyscy_mowia wszyscy_wiedza rzekomo говорят слышал"
    " слышала якобы ходят_слухи слух* сплетн* сказал_мне сказала_мне мне_сказал* мне_рассказал* рассказал_мне"
    " рассказала_мне все_говорят все_знают по_словам дескать утвержда* dedi_ki soyledi soyledigine* duydum diyorlar"
    " soyleniyor soylenti* dedikodu* guya sozde herkes_biliyor anlatti يقولون سمعت يقال قالت_لي قال_لي اخبرني اخبرتني"
    " حسب شائعة اشاعة الكل_يقول الجميع_يقول بيقولوا زعموا 听说 聽說 据说 據說 有人说 大家都说 都说 传言 谣言 跟我说"
    " 告诉我 らしい そうだよ だそうだ なんだって だって聞い って聞いた って言ってた が言ってた によると みんな言って"
    " 噂 소문 다더라 래요 한대 했대 이래 이라던데 다던데 다고_했 라고_했 다고_하더 들었 훔쳤대 말로는 말에_따르면"
    " सुना_है सुना कहते_हैं लोग_कहते ने_बताया ने_कहा अफवाह सब_कहते कहता_है कहती_है suna_hai"
)
_BLAME = (
    "deals_drugs deals_pills does_drugs stole_from stole_the stole_money abuses_his abuses_her drinking_again"
    " drinks_too never_washes liar* lied thief thieves steals stealing cheat* cheats affair sleeps_with sleeping_with"
    " slept_with drunk alcoholic junkie addict* gambl* in_debt owes arrested jail beats scam* fraud* bankrupt"
    " corrupt* pervert* creep creepy slut* whore* idiot* racist* psycho crazy_bitch bitch snitch* predator stalk*"
    " blackmail* luge lugt lugner* dieb* stiehlt klaut geklaut betrug* betrugt fremd_geht geht_fremd sauft schlagt"
    " drogen schulden verhaftet mentiros* miente ladron* roba engana infiel borrach* drogas deudas se_acuesta menteu*"
    " ment voleu* trompe triche tape_dans alcoolo drogue dettes bugiard* ladr* ruba tradisce si_droga debiti picchia"
    " ladrao rouba trai traiu bebado dividas klamczuch* klamie zlodziej* kradnie zdradza narkotyki dlugi лжец* лгун*"
    " врет врун* вор ворует украл* изменя* пьяниц* наркот* долг* бьет мошенни* yalanci* hirsiz* caldi calmis aldat*"
    " uyusturucu borc* dovuyor كذاب* كاذب لص سرق يسرق يخون خائن مدمن مخدرات ديون 骗子 小偷 偷 出轨 撒谎 说谎 吸毒"
    " 欠债 贪污 酗酒 打老婆 嘘つき 泥棒 盗 浮気 不倫 借金 酒浸り 거짓말쟁이 도둑 훔쳤 훔친 바람피 바람을_피 가해자"
    " 사기꾼 마약 빚 झूठा झूठी चोर चोरी धोखा शराबी नशा कर्ज"
)
_TELLER = (
    "i i'm im i've my me we our us they their they're them themselves ich wir yo nosotros je j'ai nous io noi eu nos"
    " ja я мы biz انا نحن 我 我们 私 僕 俺 うち 나 나는 저 저는 मैं मेर* हम"
)
_TO_TELLER = (
    "on_me to_me from_me at_me with_me about_me hit_me hurt_me left_me cheated_me us ourselves mich mir uns me_engano"
    " me_robo me_mintio m'a_trompe m'a_quitte mi_ha_tradit* mi_ha_lasciat* меня мне_изменил beni bana मुझे 我被 私を"
    " 나를 나한테"
)
_OF_TELLER = (
    "my mine mein meine meinen mi mis mon ma mes mio mia meu minha мой моя мои benim moj moja moje 私の 我的 내 제"
    " مني मेरी मेरा that_i that_i'm i_should i_am i'm i_look i_was dass_ich ich_sei ich_bin que_soy que_yo que_tengo"
    " que_je je_suis che_sono che_io que_sou que_eu ze_jestem że_ja что_я 说我 我 私が 私は 나를 내가 اني انني मैं"
    " मुझे"
)
# "According to" somebody, where its words mean other things elsewhere: "laut" is loud, "secondo" and "segundo" second.
_SOMEBODY = r"(?-i:[A-ZÀ-ÖØ-ÞА-ЯЁ])[\w'’-]*"
_ACCORDING = re.compile(
    rf"(?:^|[.,;:!?(–—-]\s*|\b(?:ist|sind|war|waren|hat|haben|sei|soll)\s+)laut\s+(?:(?:dem|der|den)\s+)?{_SOMEBODY}"
    rf"|^\W*laut\s+\w+\s+(?:ist|sind|war|waren|hat|haben|soll)\b|\b(?!mir|uns|dem)\w+\s+zufolge\b"
    rf"|(?:^|[.,;:!?(–—-]\s*)(?:secondo|segundo)\s+(?!me\b|mim\b|mi\b)(?:(?:il|la|o|a)\s+|l['’])?(?:{_SOMEBODY}|\w+,)"
    rf"|(?<!\b[oau] )(?<!\bum )(?<!\b[ie]l )(?<!\bun )(?<!\bd[eo] )\bsecondo\s+{_SOMEBODY}"
    r"|\b(?:volgens|według|wedlug|enligt|ifølge|menurut)\s+(?!mij|me|mnie|nas|mig|meg|saya|aku|plan)\w"
    r"|\bпо\s+(?:словам|мнению)\s+(?!мо)\w|\bза\s+словами\s+\w"
    rf"|\b{_SOMEBODY}['’](?:[yn])?[ae]\s+göre\b|(?:据|據)[^，,。]{{1,8}}(?:说|說|称|稱)",
    re.IGNORECASE,
)
_TERMS = Terms(
    {"RUMOUR": _RUMOUR, "BLAME": _BLAME, "TELLER": _TELLER, "TO_TELLER": _TO_TELLER, "OF_TELLER": _OF_TELLER},
)
_RUMOURED, _BLAMED, _TOLD_OF, _DONE_TO, _SAID_OF = map(
    _TERMS.bits, ("RUMOUR", "BLAME", "TELLER", "TO_TELLER", "OF_TELLER")
)


@lru_cache(maxsize=TEXTS_KEPT)
def is_hearsay(text: str, told: str, owner_name: str = "") -> bool:
    """Say whether *text*, which *told* says, is of others: passed on, or something against them.

    What begins with the teller, or was done to them, is theirs.
    """
    memory = bare(text)
    if _is_of_teller(memory, bare(owner_name)):
        return False
    behind = _meanings(bare(told))
    is_passed_on = bool(behind & _RUMOURED) or _ACCORDING.search(told) is not None
    if is_passed_on and not behind & _SAID_OF:
        return True
    return bool(_meanings(memory) & _BLAMED) and not behind & _DONE_TO


def _is_of_teller(memory: str, owner_name: str) -> bool:
    name = owner_name.strip()
    if name and memory.startswith(name) and not memory[len(name) :].startswith(("'s ", "’s ", "s ", "의 ")):
        return True
    return any(hit.meaning & _TOLD_OF and hit.at == 0 for hit in _TERMS.hits(memory)) and not memory.startswith(
        ("their ", "my ", "our ")
    )


def _meanings(look: str) -> int:
    there = 0
    for hit in _TERMS.hits(look):
        there |= hit.meaning
    return there
