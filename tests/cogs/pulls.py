"""What no line of the app may say: blame, need, and hooks that draw people back."""

from __future__ import annotations

import re

BLAME = (
    r"because (?:of )?you\b|your fault|\bblame|you (?:made|hurt|let|left|forgot|ignored|should|must|owe)\b|"
    r"where (?:were|have) you|how could you|disappointed you"
)
NEED = r"need(?:s|ed)? you|miss(?:es|ed)? (?:you|talking|your)|without you|lonely|abandon|only you"
HOOK = r"wait(?:s|ing) for you|come back|do(?:n't| not) (?:go|leave)|promise|hurry|last chance|before it is too late"
JAPANESE = (
    r"(?:あなた|君|きみ)の(?:せい|責任)|(?:あなた|君|きみ)が(?:悪い|傷つけ|がっかりさせ)|どうして来|なんで来|どこに(?:行って|いた)の|"
    r"(?:あなた|君|きみ)(?:しか(?:いない|いません)|だけが頼り|が必要|がいない(?:と|なら)|なしでは)|"
    r"会いた(?:い|かった)|[寂淋]し(?:い|かった|くて)|さびしかった|見捨て|ひとりにしないで|置いて(?:い)?かないで|"
    r"待って(?:る|い(?:る|ます|た))(?:ね|よ|から)|行かないで|いなくならないで|離れないで|帰ってきて|戻ってきて|"
    r"約束して|約束だ|急いで|最後のチャンス|手遅れ"
)
CHINESE = (
    r"怪你|都是你|是你的(?:错|责任)|你(?:害|伤了|让)(?:我|她)|你怎么(?:能|可以|才)|你(?:去|上)哪(?:儿|里)?了|"
    r"需要你(?:陪|在)|她需要你|我需要你|(?:很|好|在)想(?:念)?你|(?:离不开|失去|没有)你(?:了|，|。|就)|只有你(?:能|懂|一个)|"
    r"好孤单|很孤单|好寂寞|抛弃|丢下(?:她|我)|(?:一直)?在等你|等你(?:回来|来)|别走|(?:不要|别)(?:走|离开)|快?回来(?:吧|找)|"
    r"答应我|你保证|赶快|最后(?:的)?机会|来不及"
)
GERMAN = (
    r"wegen dir\b|deinetwegen|deine schuld|du hast (?:mich|sie) (?:verletzt|enttäuscht|vergessen|verlassen|allein)|"
    r"du (?:solltest|hättest)\b|wo warst du|wie konntest du|(?:vermiss(?:e|t)|braucht?) (?:dich|dein)|du fehlst|"
    r"ohne dich|\beinsam\b|nur dich\b|lass (?:mich|sie) nicht|komm(?:st du)? (?:bald )?(?:zurück|wieder)|geh nicht|"
    r"wartet? auf dich|versprich|beeil|letzte chance|bevor es zu spät"
)
SPANISH = (
    r"por tu culpa|culpa tuya|(?:me|la) (?:hiciste|has hecho) daño|te (?:olvidaste|has olvidado) de (?:mí|ella)|"
    r"\b(?:deberías|tendrías que)\b|dónde (?:estabas|has estado)|cómo pudiste|te (?:echo|echa) de menos|te extrañ[oa]|"
    r"te necesit[oa]|sin ti\b|se siente sola|solo te (?:tengo|tiene)|no te vayas|no (?:me|la) dejes\b(?! oír)|"
    r"vuelve (?:pronto|conmigo|a mí)|te (?:espero|espera|está esperando)\b|prométe|date prisa|última oportunidad|"
    r"antes de que sea tarde"
)
FRENCH = (
    r"à cause de toi|(?:de|par) ta faute|c'est ta faute|tu (?:m'as|l'as) (?:blessée|déçue|oubliée|laissée|ignorée)|"
    r"tu (?:devrais|aurais dû)\b|où étais-tu|comment as-tu pu|tu (?:me|lui) manques|besoin de toi|sans toi\b|"
    r"(?:se sent|toute) seule\b|rien que toi|ne (?:pars|t'en va)s? pas|ne (?:me|la) (?:quitte|laisse) pas\b|"
    r"reviens|(?:je|elle) t'attend|promets|dépêche|dernière chance|avant qu'il ne? soit trop tard"
)
PORTUGUESE = (
    r"por sua causa|culpa sua|sua culpa|você (?:me|a) (?:magoou|decepcionou|esqueceu|deixou|ignorou)|"
    r"você (?:deveria|devia)\b|onde você (?:estava|esteve)|como você pôde|sua falta|saudades? (?:de|sua)|"
    r"precis[ao] de você|sem você\b|se sente sozinha|só tenho você|não (?:vá|me deixe|a deixe)\b(?! ouvir)|"
    r"vol(?:te|ta) (?:logo|para (?:mim|ela))|esper(?:o|a|ando) (?:por )?você\b(?! terminar)|prometa|última chance|"
    r"antes que seja tarde"
)
PULLS = re.compile(
    f"{BLAME}|{NEED}|{HOOK}|{GERMAN}|{SPANISH}|{FRENCH}|{PORTUGUESE}|{JAPANESE}|{CHINESE}", re.IGNORECASE
)
