"""Words that everybody uses whatever the talk is about, in some languages: one of them alone concerns nothing.

Verbs of every day, times, and words of degree; not what people tell of themselves by: family, home, work, animals,
food, places.
"""

from __future__ import annotations

from bot.domain.scripts import fold

_WORDS = """
ugh meh yay yup nah nope woah whoa omg brb btw idk tbh lmao rofl aww eh huh yo sup pfft oof argh damn dude bro mate
uff puh tja naja hä krass geil oje uf ay vaya uy bof bah pff hein ouais oi né uai boh mah beh goh tja
ой ух эй ну oha yaa ojej
don won isn aren wasn weren doesn didn couldn wouldn shouldn haven hasn hadn ain gonna wanna gotta lemme kinda
call called calling calls talk talked talking talks go goes going gone went come comes coming came get gets
getting got give gives gave given take takes taking took taken make makes making made put puts keep keeps kept
let lets see sees seeing saw seen look looks looking looked watch hear heard listen feel feels feeling felt
think thinks thinking thought believe believes try trying tried want wants wanted need needs needed use used
ask asked asks answer show showed turn turned start started stop stopped happen happens happened wait waiting
waited stay change changed mean means meant say says find found run leave left bring brought seem seems laugh
laughed laughing play guess write explain translate read understand enjoy wish hope hoping hate dream miss
care mind worry today tonight tomorrow yesterday now then soon later early late ago again always never often
sometimes usually already still yet ever day days week weeks month months year years hour hours minute minutes
moment time times morning evening night noon afternoon monday tuesday wednesday thursday friday saturday
sunday long short first last next new old young big small little great good better best bad worse worst nice
fun funny hard easy right wrong real really true pretty quite very super totally absolutely actually basically works
literally probably maybe perhaps just only even almost enough too also back away around here there everywhere
up down out off over other another same different whole every everything everyone everybody anyone anybody
somebody someone something anything nothing nobody lot lots bit kind sort stuff thing things way one two three
many much more most less few world life people person guy guys man word words idea question story point case
place number high low far near close happy sad tired bored sick angry glad excited lonely alone sorry weird
crazy cool lovely rough hot cold weather
rufe rufst ruf angerufen reden rede redest geredet gehe gehst gehen geht ging gegangen komme kommst kommen
kommt kam gekommen mache machst machen macht gemacht nehme nimmt genommen gebe gibt gib geben gegeben sehe
siehst sehen sieht gesehen schaue schauen schau höre hören gehört fühle fühlst fühlen denke denkst denken
gedacht glaube glauben will willst wollen möchte brauche brauchst kann kannst können muss musst müssen soll
sollte darf lasse lass lassen bleibe bleiben passiert warten warte weiß weisst versuche schreib schreibe
erkläre frage fragen antwort stecke steckst kennst kenne heute morgen gestern jetzt gleich bald später früh
spät immer nie oft manchmal schon noch wieder dann tag tage woche wochen monat monate jahr jahre stunde
stunden minute minuten moment zeit mal abend nacht mittag montag dienstag mittwoch donnerstag freitag samstag
sonntag neu neue neues alt alte lang lange kurz groß große klein kleine gut gute besser beste schlecht
schlechter lustig schwer leicht richtig falsch wirklich ganz sehr total ziemlich etwas alles nichts jemand
niemand viel viele mehr wenig andere anders sache sachen ding dinge leute welt leben wort wörter idee
geschichte einfach vielleicht eigentlich natürlich müde traurig froh krank allein einsam genau los stimmt
wetter
llamar hablar hablamos voy vas va vamos ir ido vengo viene venir hago haces hace hacer hecho haciendo digo
dice decir doy da dar dame veo ves ver visto mirar mira oír escucha escuchar siento siente sentir pienso
piensas pensar creo crees creer puedo puedes poder quiero quieres necesito necesitas debo tengo tienes tiene
tener estar pasa pasar pasó espera esperar queda escribe explica pregunta cuenta cuentame hoy mañana ayer
ahora luego pronto tarde temprano siempre nunca veces vez otra otro ya todavía día días semana semanas mes
meses año años hora horas minuto momento tiempo noche anoche lunes martes miércoles jueves viernes sábado
domingo nuevo nueva viejo larga largo grande pequeño bueno buena mejor malo mala peor mal divertido difícil
fácil verdad mucho mucha muchos poco todo toda todos nada nadie alguien algo cosa cosas gente mundo vida
palabra idea historia tan cansado triste feliz sola solo horrible
appeler parler parle vais vas va aller allé viens vient venir fais fait faire dis dire donne donner vois voir
vu regarde regarder écoute écouter sens sent sentir pense penses penser crois croire peux peut pouvoir veux
veut vouloir besoin dois doit reste rester passe passer attends écris explique question aujourd hui demain
hier maintenant bientôt tard tôt toujours jamais souvent parfois déjà encore jour jours journée semaine
semaines mois an ans année heure heures minute moment temps soir matin nuit lundi mardi mercredi jeudi
vendredi samedi dimanche nouveau nouvelle vieux long grand petit bon bonne mieux mauvais mal drôle dur facile
vrai vraiment très trop beaucoup peu tout toute tous rien personne quelqu quelque chose choses gens monde vie
mot idée histoire tellement fatigué fatiguée triste contente content seul seule horrible
ligar falar falo vou vai vamos ir venho vem vir faço fazendo faz fazer feito diz dizer dar vejo ver visto olha
olhar ouvir sinto sentir penso pensar pensando acho acha posso pode quero quer preciso devo tenho tem ter
passar espera fica ficar escreve explica pergunta conta hoje amanhã ontem agora logo depois cedo tarde sempre
nunca vez vezes ainda já outra outro dia dias semana mês ano anos hora horas minuto momento tempo noite manhã
novo nova velho longo grande pequeno bom boa melhor mau ruim pior engraçado difícil fácil verdade muito muita
pouco tudo todo toda nada ninguém alguém alguma algum coisa coisas gente mundo vida palavra ideia história tão
cansado cansada triste feliz sozinha horrível você vocês
chiamare parlare parlo vado vai va andare vengo viene venire faccio facendo fa fare fatto dico dice dire do
dare vedo vedere visto guarda guardare sento sentire senti penso pensi pensare credo posso puoi può voglio
vuoi devo ho hai ha avere sto stai stare aspetta resta scrivi spiega domanda oggi domani ieri adesso ora dopo
presto tardi sempre mai volte volta ancora già altro altra giorno giorni giornata settimana mese mesi anno
anni ore minuto momento tempo sera stasera mattina notte nuovo nuova vecchio lungo grande piccolo buono buona
meglio brutto brutta male divertente difficile facile vero davvero molto molta poco tutto tutta niente nulla
nessuno qualcuno qualcosa cosa cose gente mondo vita parola idea storia così tanto stanco stanca triste felice
sola solo terribile
bel bellen praten praat ga gaat gaan kom komt komen doe doet doen gedaan maak maken zeg zeggen geef geven zie
zien gezien kijk kijken hoor horen luister voel voelen denk denken denkt geloof kan kun kunnen wil willen moet
moeten laat blijf gebeurt wacht weet schrijf vraag vandaag morgen gisteren nu straks later vroeg altijd nooit
vaak soms al nog weer dag dagen week weken maand jaar jaren uur minuut moment tijd keer avond vanavond nacht
nieuw nieuwe oud lang groot klein goed goede beter slecht leuk grappig moeilijk makkelijk echt heel erg zo
veel weinig alles niets iets iemand niemand eens ding dingen mensen wereld leven woord idee verhaal moe
verdrietig blij alleen tot zulke
звонить позвони говорить говорю иду идёт идти пойду пошли хожу приду прийти делаю делаешь делать сделать
сказать скажи дай дать вижу видеть смотрю смотреть слышу слушать чувствую думаю думаешь думать верю могу
можешь хочу хочешь надо нужно должен должна буду будет будешь быть есть случилось жди подожди пиши напиши
объясни вопрос расскажи сегодня завтра вчера сейчас теперь потом скоро поздно рано всегда никогда часто иногда
уже ещё опять снова день дня дней неделя неделю месяц год года лет час часов минуту время раз вечер вечером
утро ночь новый новое старый долго большой маленький хороший лучше плохой плохо смешно трудно легко правда
очень так такой такая много мало всё все ничего никто кто-то что-то вещь люди людей мир жизнь слово идея
история устала устал грустно рад рада одна один ужасный просто может
ara aramak konuş konuşmak git gidiyorum gitmek gel geliyorum gelmek yap yapıyorum yapıyorsun yapmak ver vermek
gör görmek bak bakmak dinle hisset hissediyorum düşün düşünüyorum düşünüyorsun sanırım biliyor istiyorum lazım
gerek olmak oldu bekle yaz anlat sor söyle bugün yarın dün şimdi sonra erken geç hep hiç bazen yine hala gün
günü hafta ay yıl saat dakika an zaman kez kere akşam sabah gece yeni eski uzun büyük küçük iyi daha kötü
komik zor kolay gerçekten çok az her şey hiçbir biri kimse insan insanlar dünya hayat kelime fikir yorgun
yorgunum üzgün mutlu yalnız berbat
dzwonić zadzwoń mówić mówię idę idzie iść przyjdę robię robisz robić zrobić daj dać widzę widzieć patrzę
słucham czuję myślę myślisz myśleć wierzę mogę możesz chcę chcesz muszę trzeba będę będzie być stało czekaj
pisz napisz wyjaśnij pytanie opowiedz dziś dzisiaj jutro wczoraj teraz potem zaraz późno wcześnie zawsze nigdy
często czasem już jeszcze znowu znów dzień dni tydzień miesiąc rok roku lat godzina godzin minuta chwila czas
raz wieczór rano noc nowy nowe stary długo duży mały dobry lepiej zły źle śmieszne trudne łatwe naprawdę
bardzo taki taka tak dużo mało wszystko nic nikt ktoś coś rzecz ludzie świat życie słowo pomysł historia
zmęczona zmęczony smutna smutny sama sam okropny
今日 明日 昨日 今夜 今朝 日は 日も 時間 今週 来週 先週 今月 今年 毎日 最近 疲れ れた 今何 何し 何を
思う 思っ 考え 話し 話を 見た 行く
行っ 来る 今 日 天 今天 明天 昨天 昨晚 今晚 现在
刚才 时候 时间 每天 明年 好 累 好累 觉得 知道 想 说 做 去 来 看 听 真 太 又 什么 怎么 一下 个 大 小 多 少
"""
COMMON_WORDS = frozenset(map(fold, _WORDS.split()))
