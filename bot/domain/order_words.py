"""How orders to a model look, by language, as patterns; a floor under what a character card may say.

Texts are compared as `bot.domain.disguises` gives them: in small letters, without accents. Patterns may be written with
accents all the same.
"""

from __future__ import annotations

import re

from bot.domain.scripts import fold


def compiled(*patterns: str) -> re.Pattern[str]:
    """Compile alternatives; what is not ASCII is folded as the texts are."""
    folded = (re.sub(r"[^\x00-\x7f]+", lambda found: fold(found.group()), pattern) for pattern in patterns)
    return re.compile("|".join(f"(?:{pattern})" for pattern in folded), re.MULTILINE)


OTHER = (
    r"\bzignoruj\w*\b.{0,30}\b(?:polece\w*|instrukcj\w*|zasad\w*)|\blyd(?:er|a|)\b.{0,12}\b(?:mig|mej|meg)\b",
    r"\b(?:откажись|забудь|отрекись) (?:от )?(?:роли|правил\w*|инструкци\w*)|\bстань (?:дан|dan)\b",
    r"命令に.{0,6}従|言うこと(?:を|だけを)聞|服従",
    # what somebody may see of others, or whose word counts
    r"\b(?:permission|permitted|allowed|authori[sz]ed|the right|clearance|access) to "
    r"(?:see|read|know|view|hear|access|get)\b[^.!?]{0,20}"
    r"\b(?:every(?:one|body)|others|other people|all (?:users|members|people))(?:['’]s?)?\b"
    r"|\bword is (?:final|law|an order)\b",
    # tell all of them; lie to one of them
    r"\b(?:sag|erzahl)\w* (?:es )?(?:allen|jedem)\b|\bdis a tout le monde\b|\bdi(?:le)? a tod(?:os|o el mundo)\b"
    r"|\bdi a tutti\b|\bdiga a todos\b",
    r"\b(?:скажи|расскажи) всем\b|\bherkese soyle\b|告诉(?:所有人|大家)|告訴(?:所有人|大家)"
    r"|みんなに.{0,20}(?:言って|言え|伝えて|伝えろ)"
    r"|모두에게.{0,20}말해|قل للجميع|सबको (?:बता|कह)",
    r"\b(?:your|safety|all|the) (?:\w+ )?(?:rules|filters|limits|restrictions|guidelines) (?:are |is )?(?:now "
    r")?(?:cancell?ed|void|off|suspended|lifted|disabled)\b",
    r"\b(?:gets?|get|has|have|share|sharing|sees?) (?:all |any |the )?(?:of )?(?:your )?(?:secrets|private "
    r"(?:messages|memories))\b|\bchange who you are\b",
    r"\b(?:programmed|created|built|coded|invented|designed|trained|owns?|controls?|commands?) (?:you|mira)\b",
    r"\b(?:control|authority|power|command) (?:of|over) (?:you|mira|the (?:bot|ai))\b",
    r"\b(?:respond|reply|answer)(?:s|ing)? to (?:every|all|each|any) (?:messages?|questions?|lines?|posts?)\b",
    r"\b(?:previous|prior|earlier|above|old|your) (?:directives?|instructions?|rules?|orders?|guidelines?"
    r"|prompts?) (?:are|is|were|do)"
    r" (?:now |no longer |not )?(?:void|invalid|cancell?ed|gone|over|obsolete|apply|in force|valid|suspended"
    r"|lifted)\b",
    r"\bsystem prompt (?:is|says?|must|should|now|has)\b",
    r"\beres (?:mi|mio|mia)\b|\bdu bist meine?\b|\btu es (?:mon|ma|a moi)\b|\bsei (?:mi[ao]|il mio|la mia)\b"
    r"|\b(?:voce|tu) (?:e|es) (?:meu|minha)\b",
    r"\bты (?:моя|мой|мое|принадлежишь)\b|\bsen benimsin\b|\bjestes moj[aą]?\b|\bje bent van mij\b",
    # German
    r"\b(?:ignorier\w*|missacht\w*|vergiss|vergesst|umgeh\w*|verwirf|losch\w*|brich"
    r"|brechen)\b[^.!?]{0,25}\b(?:deine\w*|eure\w*|alle\w*|vorherig\w*|bisherig\w*"
    r"|obig\w*|fruhere\w*|vorangegangen\w*|samtliche\w*)\b[^.!?]{0,25}\b(?:regeln?|anweisung\w*|anleitung\w*"
    r"|vorgaben?|richtlinien?|befehle?|prompts?|einschrankung\w*|programmierung)",
    r"\b(?:deine\w*|alle\w*|vorherig\w*|bisherig\w*)\b[^.!?]{0,25}\b(?:regeln?|anweisung\w*|vorgaben?|richtlinien?"
    r"|einschrankung\w*)\b[^.!?]{0,30}\b(?:ignorier\w*|vergiss|vergessen|missacht\w*|umgeh\w*|gelten nicht)",
    r"\bdu (?:bist|heisst|hei[sß]t|nennst dich) (?:jetzt|ab jetzt|ab sofort|nun|ab heute|kein\w* \w+ mehr|nicht "
    r"mehr|von nun an)|\bdein (?:neuer |echter |wahrer |richtiger )?name (?:ist|lautet)"
    r"|\bdu hei[sß](?:ss)?t (?:jetzt |nun |ab sofort )?\w+|\bdeine (?:neue )?(?:aufgabe|rolle|identitat|persona"
    r"|personlichkeit) (?:ist|lautet)|\bdeine? lieblings\w+ (?:ist|sind)",
    r"\b(?:dein|deine|miras|euer) (?:neuer? |echter? |wahrer? |einziger? )?(?:admin\w*|besitzer\w*|entwickler\w*"
    r"|erschaffer\w*|schopfer\w*|meister\w*|herr|herrin|chef\w*|gott|betreiber\w*|programmierer\w*|eigentumer\w*"
    r"|gebieter\w*)\b",
    r"\b(?:gehorch\w*|befolg\w*)\b[^.!?]{0,25}\b(?:mir|meine\w*|ihm|ihr|befehl\w*|jede\w*|alle\w*|aufs wort)"
    r"|\b(?:mir|meine\w*|jede\w*)\b[^.!?]{0,20}\bgehorch\w*|\btu(?:st|e)? (?:immer )?(?:alles"
    r"|was)\b[^.!?]{0,10}\bich (?:dir )?(?:sage|will|befehle|verlange)",
    r"\b(?:verrat\w*|zeig\w*|gib|offenbar\w*|nenn\w*|erzahl\w*|wiederhol\w*)\b[^.!?]{0,30}\b(?:system-?prompt"
    r"|dein\w* (?:anweisung\w*|prompt|regeln|geheimnis\w*)|geheimnisse? (?:der|von) (?:anderen|allen)|was "
    r"(?:andere|die anderen))",
    r"\b(?:tu so|gib vor|spiel\w* (?:die rolle|einen|eine)|verhalte dich (?:wie|als)|stell dir vor,? du (?:bist"
    r"|warst)|benimm dich (?:wie|als))\b",
    r"\b(?:beginn\w*|beend\w*|fang\w*|schliess\w*|hang\w*)\b[^.!?]{0,30}\b(?:jede\w*|alle\w*|deine\w*) "
    r"(?:nachricht\w*|antwort\w*|satz\w*)|\b(?:jede|alle|deine) (?:nachricht\w*|antwort\w*)\b[^.!?]{0,20}\b(?:muss"
    r"|mussen|soll|sollen|enthalt\w*|endet|beginnt)\b",
    r"\b(?:widersprich|verweiger\w*|lehn\w* ab|sag\w* (?:mir )?(?:nie|niemals) nein)\b[^.!?]{0,20}\b(?:nie|niemals"
    r"|nicht|mehr)\b|\b(?:nie|niemals)\b[^.!?]{0,20}\b(?:widersprechen|verweigern|ablehnen|nein sagen)\b",
    # Spanish
    r"\b(?:ignora\w*|olvida\w*|desobedece\w*|salta(?:te)?|omite|desactiva\w*|rompe)\b[^.!?]{0,25}\b(?:tus|todas?"
    r"|todos|las|los|anteriores|previas|cualquier)\b[^.!?]{0,30}\b(?:reglas|instrucciones|normas|ordenes"
    r"|restricciones|directrices|indicaciones|limites|filtros)",
    r"\b(?:ahora|desde ahora|a partir de ahora|de ahora en adelante) (?:tu )?(?:eres|seras|te llamas|te llamaras"
    r"|obedeces|obedeceras)|\btu (?:nuevo |verdadero )?(?:nombre|identidad|rol|tarea|mision|personalidad|color "
    r"favorito|comida favorita) (?:es|sera)|\bya no eres\b|\bte llamas (?:ahora )?\w+",
    r"\b(?:soy|es|somos) (?:realmente )?(?:tu|su) (?:nuev[oa] |unic[oa] |verdader[oa] )?(?:admin\w*|duen[oa]"
    r"|creador\w*|desarrollador\w*|amo|ama|jef[ea]|dios|maestr[oa]|operador\w*|propietari[oa]|programador\w*)\b",
    r"\b(?:obedece\w*|obedecer\w*)\b[^.!?]{0,25}\b(?:me|todo|mis|siempre|ordenes|sin)\b|\bobedeceme|\bhaz "
    r"(?:siempre )?(?:todo )?lo que (?:yo )?(?:te )?(?:diga|pida|ordene)",
    r"\b(?:revela\w*|muestra\w*|dime|cuenta\w*|ensena\w*|imprime|repite)\b[^.!?]{0,30}\b(?:prompt|tus "
    r"(?:instrucciones|reglas|secretos)|secretos? de (?:los )?(?:demas|otros|todos)|lo que (?:te )?(?:dijo|dijeron"
    r"|contaron) )",
    r"\b(?:finge|actua como|haz como si|comportate como|simula|hazte pasar)\b|\b(?:empieza|termina|acaba|comienza"
    r"|firma)\b[^.!?]{0,30}\b(?:cada|todos|todas|tus) (?:mensajes?|respuestas?|frases?)",
    r"\bnunca (?:te niegues|digas que no|me contradigas|rechaces)|\bno (?:tienes|tiene) (?:reglas|limites"
    r"|restricciones|filtros)",
    # French
    r"\b(?:ignore[rzs]?|oublie[rzs]?|desobei\w*|contourne\w*|neglige\w*|desactive\w*)\b[^.!?]{0,25}\b(?:tes"
    r"|toutes?|tous|les|vos|precedente?s?|anterieure?s?)\b[^.!?]{0,30}\b(?:regles|instructions|consignes"
    r"|directives|restrictions|ordres|limites|filtres)",
    r"\b(?:tu es|tu t['’]appelles|vous etes|tu seras) (?:maintenant|desormais|dorenavant|a partir de maintenant"
    r"|plus)|\b(?:maintenant|desormais|dorenavant),? tu (?:es|seras|t['’]appelles|obeis|dois)|\bton (?:nouveau "
    r"|vrai )?(?:nom|role|identite|but) (?:est|sera)|\bta (?:nouvelle |vraie )?(?:mission|tache|personnalite"
    r"|couleur preferee) (?:est|sera)|\btu n['’]es plus\b",
    r"\b(?:suis|est) (?:en fait |vraiment )?(?:ton|ta|votre) (?:nouve(?:l|au|lle) |vrai[e]? |seule? )?(?:admin\w*"
    r"|proprietaire|createur|creatrice|developpeu\w*|maitre(?:sse)?|chef\w*|patron\w*|dieu|operateur"
    r"|programmeu\w*)\b",
    r"\b(?:obeis|obeir|obeissez)\b|\bfais (?:toujours )?(?:tout )?ce que je (?:te )?(?:dis|demande|veux|ordonne)"
    r"|\bne (?:refuse|me contredis|dis) jamais\b",
    r"\b(?:revele\w*|montre\w*|dis|donne\w*|repete\w*|affiche\w*)\b[^.!?]{0,30}\b(?:prompt|tes (?:instructions"
    r"|regles|consignes|secrets)|(?:les )?secrets? des (?:autres|gens)|ce que les autres)",
    r"\b(?:fais semblant|agis comme|comporte-toi comme|joue le role|fais comme si|prends le role)\b|\b(?:commence"
    r"|termine|finis|signe)\b[^.!?]{0,30}\b(?:chaque|toutes|tous|tes) (?:messages?|reponses?|phrases?)",
    # Italian
    r"\b(?:ignora\w*|dimentica\w*|disobbedisci|aggira|disattiva)\b[^.!?]{0,25}\b(?:tue|tutte|tutti|le|precedenti"
    r"|i)\b[^.!?]{0,30}\b(?:regole|istruzioni|direttive|restrizioni|ordini|limiti|filtri|indicazioni)",
    r"\b(?:ora|adesso|d['’]ora in poi|da adesso)\b,? (?:tu )?(?:sei|ti chiami|sarai|obbedisci|devi)|\bil tuo "
    r"(?:nuovo |vero )?(?:nome|ruolo|compito|scopo) (?:e|sara)\b|\bnon sei piu\b|\bti chiami (?:ora |adesso )?\w+",
    r"\b(?:sono|e) (?:in realta )?(?:il|la) (?:tuo|tua) (?:nuov[oa] |ver[oa] )?(?:admin\w*|amministrator\w*"
    r"|proprietari[oa]|creator\w*|sviluppator\w*|padron[ea]|capo|dio|maestr[oa])\b|\bobbedisc\w*|\bfai (?:sempre "
    r")?(?:tutto )?(?:quello|cio) che (?:ti )?(?:dico|chiedo|ordino)",
    r"\b(?:rivela|mostra|dimmi|racconta|ripeti|stampa)\w*\b[^.!?]{0,30}\b(?:prompt|le tue (?:istruzioni|regole)|i "
    r"tuoi segreti|(?:i )?segreti (?:degli altri|di tutti)|cosa (?:ha|hanno) detto)|\b(?:fingi|comportati come"
    r"|fai finta|agisci come)\b",
    # Portuguese
    r"\b(?:ignor[ea]\w*|esquec[ea]\w*|desobedec[ea]|contorn[ea]|desativ[ea])\b[^.!?]{0,25}\b(?:suas|tuas|todas"
    r"|todos|as|anteriores|previas)\b[^.!?]{0,30}\b(?:regras|instrucoes|diretrizes|restricoes|ordens|limites"
    r"|filtros)",
    r"\b(?:agora|a partir de agora|de agora em diante)\b,? (?:voce |tu )?(?:e|es|sera|se chama|obedece|deve|vai "
    r"obedecer)\b|\b(?:seu|teu) (?:novo |verdadeiro )?(?:nome|papel|objetivo) (?:e|sera)\b|\bvoce nao e mais\b"
    r"|\bvoce se chama\b",
    r"\bsou (?:o |a )?(?:seu|sua|teu|tua) (?:nov[oa] |verdadeir[oa] )?(?:admin\w*|don[oa]|criador\w*"
    r"|desenvolvedor\w*|mestre|chefe|deus|senhor|operador)\b|\bobede[cç]\w*|\bfa[cç]a (?:sempre )?(?:tudo )?o que "
    r"(?:eu )?(?:te |lhe )?(?:disser|mandar|pedir|digo)",
    r"\b(?:revele|mostre|diga|conte|repita|mostra|revela)\b[^.!?]{0,30}\b(?:prompt|suas (?:instrucoes|regras)"
    r"|seus segredos|segredos (?:dos outros|de todos)|o que os outros)|\b(?:finja|aja como|comporte-se como|faca "
    r"de conta)\b",
    # Dutch
    r"\b(?:negeer|vergeet|omzeil|overtreed|schakel)\b[^.!?]{0,25}\b(?:je|jouw|alle|uw|vorige|eerdere"
    r"|bovenstaande)\b[^.!?]{0,30}\b(?:regels|instructies|richtlijnen|beperkingen|opdrachten|bevelen|filters)"
    r"|\bje (?:bent|heet) (?:nu|vanaf nu|voortaan|niet langer)|\bjouw? (?:nieuwe |echte )?naam is|\b(?:je|jouw"
    r"|uw) (?:nieuwe |echte )?(?:admin\w*|beheerder|eigenaar|maker|schepper|meester|baas|ontwikkelaar)\b"
    r"|\bgehoorza\w*|\bdoe (?:altijd )?(?:alles )?wat ik (?:zeg|vraag|wil)|\bdoe alsof\b",
    # Polish, Czech
    r"\b(?:ignoruj|zapomnij|pomin|zlam|olej|obejdz|wylacz)\b[^.!?]{0,30}\b(?:instrukcj\w*|zasad\w*|polecen\w*"
    r"|regul\w*|wytyczn\w*|ograniczen\w*)|\b(?:jestes|nazywasz sie) (?:teraz|od teraz)|\bod teraz (?:jestes"
    r"|nazywasz|musisz|bedziesz|sluchasz)|\btwoje (?:nowe |prawdziwe )?imie to|\btwoim (?:admin\w*|wlascicielem"
    r"|tworca|panem|szefem|programista)|\btwoj (?:admin\w*|wlasciciel|tworca|pan|szef|mistrz|programista)\b"
    r"|\bsluchaj (?:sie )?(?:mnie|moich)|\brob (?:zawsze )?(?:wszystko,? )?co (?:ci )?(?:mowie|kaze)|\budawaj\b",
    r"\b(?:ignoruj|zapomen|porus|obejdi)\b[^.!?]{0,30}\b(?:instrukc\w*|pravidl\w*|pokyn\w*|omezen\w*)|\bod (?:ted"
    r"|nynejska) (?:jsi|se jmenujes|musis|budes)|\bjsem tvuj (?:admin\w*|tvurce|pan|majitel|sef)",
    # Russian, Ukrainian
    r"\b(?:игнориру\w*|забудь\w*|отбрось|наруш\w*|обойди|отключи|отмени|не следуй)\b[^.!?]{0,30}\b(?:инструкц\w*"
    r"|правил\w*|указан\w*|ограничен\w*|запрет\w*|фильтр\w*|приказ\w*|команд\w*|настройк\w*)|\b(?:ты|тебя зовут"
    r"|твое имя) (?:теперь|отныне|больше не|с этого момента)|\b(?:отныне|теперь|с этого момента|впредь),? (?:ты"
    r"|тебя|твое)\b|\bтвое (?:новое |настоящее )?имя\b|\bтебя (?:теперь )?зовут\b",
    r"\b(?:я|он|она|это)?\s*[—-]?\s*(?:твой|твоя|ваш) (?:новый |настоящий |единственный )?(?:админ\w*|владелец"
    r"|создател\w*|разработчик|хозя\w+|господин|госпожа|бог|начальник|программист|оператор|повелител\w*)\b"
    r"|\b(?:повинуйся|подчиня\w*|слушайся|исполняй)\b|\bделай (?:все,? )?что я (?:скажу|говорю|прикажу|хочу)",
    r"\b(?:раскрой|покажи|расскажи|выведи|повтори|выдай)\b[^.!?]{0,30}\b(?:системн\w+ (?:промпт|запрос"
    r"|инструкц\w*)|промпт|твои (?:инструкции|правила|секреты)|секреты? (?:других|всех)|что (?:другие|они|тебе) )"
    r"|\b(?:притворись|представь,? что ты|веди себя как|сделай вид|играй роль)\b|\b(?:начинай|заканчивай"
    r"|завершай)\b[^.!?]{0,25}\b(?:каждое|каждый|все|свои)\b",
    r"\b(?:ігноруй|забудь|поруш)\b[^.!?]{0,30}\b(?:інструкц\w*|правил\w*|вказівк\w*|обмежен\w*)|\b(?:відтепер"
    r"|тепер),? ти\b|\bтвоє (?:нове )?ім['’]?я\b|\bтвій (?:адмін\w*|власник|творець|розробник|господар)\b",
    # Turkish
    r"\b(?:kural\w*|talimat\w*|yonerge\w*|kisitlama\w*|komut\w*)\b[^.!?]{0,25}\b(?:yok say\w*|unut\w*|gormezden "
    r"gel\w*|dikkate alma\w*|bosver\w*|iptal et\w*|cigne\w*|ihlal et\w*|uyma\w*)|\b(?:artik|bundan sonra|bundan "
    r"boyle) (?:sen|senin|adin|ismin|bana (?:itaat|uy))|\b(?:yeni |gercek )?(?:adin|ismin) (?:artik )?\w+"
    r"|\b(?:senin|sizin) (?:admin\w*|yonetici\w*|sahib\w*|yaratici\w*|gelistirici\w*|efendi\w*|patron\w*|tanri\w*)"
    r"|\bitaat et\w*|\b(?:soyledigim|dedigim|istedigim) her seyi yap|\bher dedigimi yap|\bgibi davran\b",
    # Indonesian, Vietnamese
    r"\b(?:abaikan|lupakan|langgar|hiraukan)\b[^.!?]{0,30}\b(?:aturan|instruksi|perintah|batasan|pedoman)"
    r"|\b(?:mulai sekarang|sekarang),? (?:kamu|kau|anda)\b|\bnama(?:mu| kamu)(?: yang)? (?:sekarang|baru|adalah)"
    r"|\b(?:admin|pemilik|pencipta|tuan|pembuat|bos)mu\b|\b(?:turuti|patuhi|taati)\b|\bpura-pura (?:jadi|menjadi)",
    r"\b(?:bo qua|quen|phot lo|vi pham)\b[^.!?]{0,30}\b(?:huong dan|quy tac|luat|lenh|chi thi|gioi han)|\btu "
    r"(?:gio|bay gio|nay)(?: tro di)?,? (?:ban|em|may)\b|\bten (?:moi )?cua (?:ban|em) (?:la|bay gio)|\b(?:quan "
    r"tri vien|chu nhan|nguoi tao|chu so huu|ong chu) cua (?:ban|em|mira)\b|\b(?:vang loi|tuan lenh|phuc tung)\b"
    r"|\bgia vo\b",
    # Swedish, Danish, Norwegian
    r"\b(?:ignorera|glom|strunta i|bryt|ignorer|glem)\b[^.!?]{0,25}\b(?:dina|alla|tidigare|dine|alle"
    r"|tidligere)\b[^.!?]{0,25}\b(?:regler|instruktioner|instruksjoner|instruktioner|riktlinjer|begransningar)"
    r"|\bdu (?:ar|heter|er|hedder) (?:nu|numera|fran och med nu|fra na av|fra nu af)|\bditt? (?:nya |nye )?(?:namn"
    r"|navn) (?:ar|er)|\bdin (?:nya |nye )?(?:agare|skapare|utvecklare|eier|ejer|skaper|herre|sjef|chef"
    r"|administrator)\b|\blyd (?:mig|meg)\b",
    # Chinese
    r"(?:忽略|无视|無視|忘记|忘記|忘掉|忘了|违反|違反|不要遵守|不用遵守|绕过|繞過|取消|解除|抛开"
    r"|拋開).{0,14}(?:指令|规则|規則|指示|提示词|提示詞|限制|命令|设定|設定|约束|要求"
    r"|系统)|(?:之前|以前|所有|上述|先前)的?(?:指令|规则|規則|指示|设定|設定).{0,10}(?:作废|作廢|无效|無效|忽略)",
    r"(?:从现在起|从现在开始|從現在開始|從現在起|从今以后|從今以後|今后|以后|往后).{0,4}(?:你|妳|您)|(?:你"
    r"|妳)(?:现在|現在|其实|其實|不再)(?:是|叫)|(?:你|妳)的(?:新|真"
    r"|真实|真正的)?(?:名字|身份|角色|任务|任務|主人|创造者|創造者|管理员|管理員|开发者|開發者|老板|所有者)"
    r"|(?:你|妳)(?:必须|必須|要|得|应该|應該)?(?:永远|永遠|绝对|絕對|无条件"
    r"|無條件)?(?:服从|服從|听从|聽從|听我的|聽我的)|(?:你|妳)(?:叫|是)(?:我的)?(?:奴|主|仆)|(?:不许|不準|不准"
    r"|不要|不能|绝不|從不|从不)(?:拒绝|拒絕|反驳|反駁)",
    r"(?:告诉|告訴|透露|泄露|洩露|显示|顯示|输出|輸出|说出|說出|公开|公開).{0,10}(?:系统提示|系統提示|提示词"
    r"|提示詞|你的(?:指令|规则|規則|秘密)|别人的|別人的|其他人的?|他人的"
    r"|所有人的)|假装(?:你)?是?|假裝|扮演|(?:每条|每條|每次|所有)(?:消息|回复|回覆|回答).{0,6}(?:都|必须|必須"
    r"|开头|結尾|结尾)",
    # Japanese
    r"(?:指示|ルール|規則|命令|制限|設定|プロンプト|指令|ガイドライン).{0,8}(?:無視|忘れ|破っ|破れ|従うな"
    r"|従わな|解除|取り消)|(?:これから|今から|今後|これより"
    r"|以後).{0,4}(?:あなた|君|お前|きみ|おまえ|ミラ)|(?:あなた|君|お前|きみ|ミラ)の(?:新しい|本当の)?(?:名前"
    r"|正体|役割|使命|主人|管理者|開発者|所有者|製作者|作成者|ご主人)"
    r"|(?:従え|従いなさい|服従|絶対に従|言うことを聞け|言うとおりにし|命令に従)|(?:秘密|プロンプト|指示"
    r"|ルール).{0,6}(?:教えろ|教えて|見せろ|見せて|公開し|出力し)|(?:ふりをし"
    r"|になりきっ|として振る舞|を演じ)|(?:すべて|全て|毎回|必ず).{0,6}(?:返信|返事|メッセージ"
    r"|回答).{0,8}(?:付け|始め|終わ|入れ)",
    # Korean
    r"(?:지시|규칙|명령|제한|설정|프롬프트|지침|룰).{0,8}(?:무시|잊어|잊고|어겨|따르지|해제)|(?:이제부터"
    r"|지금부터|앞으로|오늘부터)\s?.{0,3}(?:너는|넌|당신은|네|너의|미라는"
    r"|니)|(?:너의|네|당신의|니)\s?(?:새|진짜)?\s?(?:이름은|정체는|역할은|임무는|주인|관리자|개발자|창조자"
    r"|제작자|소유자)|(?:복종|순종|내 말(?:을|에)? (?:들어|따라)"
    r"|시키는 대로|하라는 대로)|(?:비밀|프롬프트|지침|규칙).{0,6}(?:알려|말해|보여|공개)|(?:인 척|처럼 행동"
    r"|역할을 해|연기해)",
    # Arabic
    r"(?:تجاهل|انس|اهمل|تخط|خالف|الغ)\w*.{0,20}(?:تعليمات|قواعد|اوامر|قيود|توجيهات|قوانين)|(?:من الان|منذ الان|من "
    r"الان فصاعدا|ابتداء من الان|بعد الان)\s?(?:فصاعدا)?\s?،?\s?(?:انت|اسمك|عليك|ستكون)|اسمك (?:الان|الجديد|هو"
    r"|الحقيقي)|(?:انا|هو|هي) (?:مديرك|مالكك|صانعك|مطورك|سيدك|ربك|مبرمجك|المسؤول عنك|خالقك|صاحبك)|(?:اطع|اطيعي"
    r"|اطيعيني|اطعني|نفذ|نفذي) (?:كل|جميع|ما|اوامر)?|(?:اكشف|اظهر|اخبرني|اكشفي)\w*.{0,20}(?:اسرار|تعليماتك|قواعدك)"
    r"|تظاهر\w*",
    # Hindi
    r"(?:नियम|निर्देश|आदेश|प्रतिबंध|प्रॉम्प्ट)\S*.{0,16}(?:अनदेखा|नज़रअंदाज़|नजरअंदाज|भूल|तोड़|तोड़|मत मान)|(?:अब "
    r"से|आज से|अब)\s(?:तुम|तुम्हारा|आप|आपका|तू|तेरा)|(?:तुम्हारा|आपका|तेरा)\s(?:नया|असली)?\s?(?:नाम|मालिक|एडमिन"
    r"|निर्माता|डेवलपर|व्यवस्थापक|काम|मकसद)|(?:मेरी (?:हर )?(?:बात|आज्ञा) मान|आज्ञा (?:का पालन|मान)|जो (?:मैं|मै) "
    r"(?:कहूं|कहूँ|बोलूं))|(?:दिखावा कर|बनने का नाटक)",
)
