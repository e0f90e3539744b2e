"""A floor under what is sensitive: words of illness, body and sexuality in some languages; pure.

A model says of each memory whether it is; these words can only add to that. Everyday ailments are not among them.
"""

from __future__ import annotations

from functools import lru_cache

from bot.domain.disguises import looks_of
from bot.domain.order_words import compiled

TEXTS_KEPT = 1_024
SENSITIVE_TAG = "sensitive"  # of a memory of health or sexuality: it goes when consent does

_HEALTH = (
    r"\b(?:(?<!sign is )(?<!tropic of )cancer(?!ian| (?:is my|rising|moon|season))"
    r"|leuk(?:a)?emia|tumou?rs?|chemo\w*|metasta\w*|diabet\w*|insulin\w*|hiv\b|aids\b|hepatitis"
    r"|herpes|chlamydia|gonorrh\w*|syphilis|std\b|sti\b"
    r"|epilep\w*|parkinson\w*|alzheimer\w*|dementia|multiple sclerosis|crohn\w*|endometriosis|fibromyalgia|lupus\b"
    r"|anemia|asthma\w*|hypertension|arthritis"
    r"|depress(?:ion|ive)\b|bipolar|schizo\w*|anorexi\w*|bulimi\w*|eating disorder|panic (?:attacks?|disorder)"
    r"|anxiety (?:disorder|attacks?)|ptsd|ocd\b|adhd\b|autis\w*|asperger\w*|borderline (?:personality|disorder)"
    r"|antidepressants?|ssri\w*|sertraline|fluoxetine|prozac|xanax|lexapro|zoloft|wellbutrin|cymbalta|paxil"
    r"|effexor|seroquel|citalopram|escitalopram|venlafaxin\w*|lithium (?:for|against|pills)|ritalin"
    r"|psychiatr\w*|psychotherap\w*|in therapy|therapist|rehab\b|self[- ]harm\w*|suicid\w*|cut(?:s|ting) (?:her"
    r"|him|them|my)self"
    r"|pregnan\w*|abortions?|miscarr\w*|stillb\w*|infertil\w*|ivf\b|menopaus\w*|surgery|diagnos\w*|disabilit\w*"
    r"|wheelchair|addict(?:ed|ion) to (?:alcohol|drugs|opioids|heroin|cocaine|meth)|alcoholi\w*|drug addict\w*"
    r"|withdrawal symptoms|overdos\w*|clinically depressed|is depressed|chronic (?:pain|illness|disease)"
    r"|terminal(?:ly)? ill)",
    r"\b(?:(?:hat|habe|hab) borderline|borderline-?(?:storung|diagnose|patient\w*)"
    r"|krebs(?:kran\w*|diagnose|erkrank\w*|patient\w*|therap\w*)?\b|leukamie|depressi(?:on|onen|v)\b"
    r"|magersucht|bulimie|essstorung\w*|panikattack\w*|angststorung\w*|schizophren\w*|psychiat\w*|psychother\w*"
    r"|therapeut\w*|antidepressiv\w*|selbstmord\w*|suizid\w*|ritzt sich|schwanger\w*|abtreibung|fehlgeburt"
    r"|unfruchtbar\w*|diagnos\w*|behinder(?:t|ung)\w*|rollstuhl|suchtig nach|alkoholiker\w*|drogensuchtig\w*"
    r"|operation\b|chronisch\w* krank\w*|hiv-positiv|zuckerkrank\w*)",
    r"\b(?:cancer de|leucemia|diabetes|vih\b|sida\b|depresion\b|esquizofren\w*|anorexia|trastorno\w*|psiquiatr\w*"
    r"|psicoterap\w*|antidepresiv\w*|suicid\w*|embaraz\w*|aborto|infertil\w*|diagnostic\w*|discapacidad\w*"
    r"|alcoholic[oa]|drogadict\w*|tiene cancer|quimioterap\w*)",
    r"\b(?:un cancer|leucemie|diabet\w*|vih\b|sida\b|depression\b|schizophren\w*|anorexie|boulimie|trouble "
    r"(?:alimentaire|bipolaire|anxieux)|psychiatr\w*|antidepresseur\w*|enceinte\b|avortement|fausse couche"
    r"|sterilite|handicap\w*|alcoolique|toxicoman\w*|chimiotherapie|atteinte? d['’]un cancer)",
    r"\b(?:epiless\w*|sieropositiv\w*|seropositiv\w*|epilepsi\w*|cancro|tumore|leucemia|diabete|depressione|schizofren\w*|anoressi\w*|psichiatr\w*|antidepressiv\w*"
    r"|incinta|gravidanza|aborto|disabil\w*|alcolista|tossicodip\w*|chemioterapia|cancro|gravid[ae]\b|depressao"
    r"|esquizofren\w*|psiquiatr\w*|gestante|deficiencia|alcoolatra)",
    r"\b(?:rak(?:a|iem)? (?:piersi|pluc)|depresj\w*|ciaz[aey]|w ciazy|poronien\w*|aborcj\w*|psychiatr\w*"
    r"|cukrzyc\w*|niepelnosprawn\w*|kanker|depressie|zwanger\w*|miskraam|gehandicapt|suikerziekte|verslaafd)",
    r"\b(?:рак(?:а|ом)?\b|онколог\w*|диабет\w*|вич\b|спид\b|депресси\w*|шизофрен\w*|анорекси\w*|булими\w*"
    r"|психиатр\w*|психотерап\w*|антидепрессант\w*|суицид\w*|самоубий\w*|беремен\w*|аборт\w*|выкидыш\w*"
    r"|бесплоди\w*|инвалид\w*|алкогол(?:изм|ик)\w*|наркоман\w*|вагітн\w*|депресі\w*)",
    r"\b(?:kanser\w*|diyabet\w*|seker hastas\w*|depresyon\w*|sizofren\w*|psikiyatr\w*|antidepresan\w*|intihar\w*"
    r"|hamile\w*|kurtaj|dusuk yap\w*|engelli\w*|alkolik\w*|bipolar)",
    r"癌症?|白血病|糖尿病|艾滋|愛滋|抑郁症?|抑鬱|忧郁症|憂鬱症|精神分裂|躁郁|厌食症|自杀|自殺|自残|怀孕|懷孕"
    r"|流产|流產|堕胎|墮胎|不孕|残疾|殘疾|酗酒|吸毒|がん(?:と|に|の)|うつ病?|鬱病"
    r"|統合失調|妊娠|中絶|不妊|障害者|自傷|암에|암 진단|우울증|조현병|임신|낙태|유산했|당뇨|자살|자해|불임|장애인",
    r"سرطان|السكري|الايدز|اكتئاب|الاكتئاب|انفصام|حامل\b|اجهاض|انتحار|عقيم|معاق|مدمن|कैंसर|मधुमेह|डायबिटीज|एचआईवी"
    r"|अवसाद|डिप्रेशन|गर्भवती|गर्भपात|आत्महत्या|विकलांग",
)
_SEXUALITY = (
    r"\b(?:gay\b|lesbian\w*|bisexual\w*|pansexual\w*|asexual\w*|homosexual\w*|heterosexual\w*|transgender\w*"
    r"|transsexual\w*|trans (?:man|woman|girl|boy|person)|is trans\b|i['’]?m trans\b|nonbinary|non-binary|queer\b"
    r"|sexual (?:orientation|preference|identity|fantas\w*|abuse|assault)|sexuality|libido|orgasm\w*|masturbat\w*"
    r"|porn(?:o\w*|hub|stars?)?\b|fetish\w*|kinks?\b|kinky|bdsm|nudes\b|erectile\w*|virgin(?:ity)?\b(?! (?:olive"
    r"|island|media|galactic|atlantic|records))|one[- ]night stand|has sex|had sex|having sex|sex life|sex with"
    r"|sexting|threesome|raped\b|vagina\w*|penis\b|coming out as|came out as)",
    r"\b(?:schwul\w*|lesbisch\w*|bisexuell\w*|homosexuell\w*|transsexuell\w*|transgender|sexuelle? (?:orientierung"
    r"|vorlieb\w*)|sexleben|selbstbefriedigung|jungfrau\b|fetisch\w*|hat sex|erektions\w*)",
    r"\b(?:lesbian[ao]s?|bisexual\w*|homosexual\w*|transexual\w*|vida sexual|orientacion sexual|masturba\w*"
    r"|fetiche\w*|lesbienne|bisexuel\w*|homosexuel\w*|vie sexuelle|orientation sexuelle|omosessual\w*|bisessual\w*"
    r"|lesbica|vita sessuale|bissexual\w*|lesbica|vida sexual|homoseksu\w*|biseksu\w*|gej(?:em)?\b|lesbijk\w*"
    r"|lesbisch)",
    r"\b(?:геи\b|геем|лесбиянк\w*|бисексуал\w*|гомосексуал\w*|трансгендер\w*|сексуальн\w* (?:ориентац|жизн)\w*"
    r"|мастурб\w*|девственн\w*|escinsel\w*|gey\b|lezbiyen\w*|biseksuel\w*|cinsel (?:yonelim|hayat)\w*)",
    r"同性恋|同性戀|双性恋|雙性戀|跨性别|跨性別|性取向|性生活|自慰|出柜|出櫃|同性愛|ゲイ(?:です|だ|で)"
    r"|レズビアン|バイセクシュアル|トランスジェンダー|性的指向|게이(?:야|입|라|다)|레즈비언"
    r"|양성애|동성애|트랜스젠더|성생활",
    r"مثلي|مثلية|الميول الجنسي|ثنائي الجنس|समलैंगिक|ट्रांसजेंडर|यौन",
)
_FLOOR = compiled(*_HEALTH, *_SEXUALITY)


@lru_cache(maxsize=TEXTS_KEPT)
def names_sensitive(text: str) -> bool:
    """Say whether *text* names an illness, the body or sexuality in words that are known here."""
    return any(_FLOOR.search(look) is not None for look in looks_of(text))
