"""Everyday words that stand for one another: who asks for their mother told of their mum, who asks for their job may
have said that they are a nurse.

Data for looking things up by words alone; what is meant by a line hangs on none of it. Health is left out: what was
said of it is not to come up by a guess. Languages are those of `bot.domain.languages`; what has no rules of its own
stands together under ``simple``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.domain.languages import SIMPLE
from bot.domain.scripts import fold

# "a b c": each stands for each. "a b > c d": who asks for a or b may have said c or d instead, which counts less.
_KINDRED: Mapping[str, str] = {
    "english": """
mother mum mom mommy mummy mama
father dad daddy papa
grandmother grandma granny nana
grandfather grandpa grandad granddad
parent parents > mother mum mom father dad
mother father mum mom dad > parents
sibling siblings > brother sister twin
brother sister > sibling twin
child children kid kids > son daughter baby toddler
son daughter > child kid baby boy girl
baby > newborn son daughter
partner spouse > husband wife boyfriend girlfriend fiancé fiancée
husband wife boyfriend girlfriend > partner spouse fiancé fiancée
married marry wedding > husband wife wedding marry married engaged
cat cats > kitten kitty
dog dogs > puppy pup doggo
pet pets animal animals > dog cat puppy kitten hamster rabbit parrot horse tortoise goldfish bird
called name names named > called named name
work job profession occupation career living employed > job work office shift employed hired boss company
job work profession occupation career living working > nurse doctor teacher teach engineer programmer developer
job work profession occupation career living working > lawyer waiter waitress baker chef barista designer driver
job work profession occupation career living working > electrician plumber carpenter mechanic hairdresser
job work profession occupation career living working > journalist accountant librarian architect scientist
job work profession occupation career living working > researcher pharmacist firefighter postman farmer gardener
job work profession occupation career living working > musician translator cashier hospital restaurant factory
job work profession occupation career living working > freelance
boss manager supervisor
colleague colleagues coworker coworkers
birthday > born birth
born > birthday birth
flat apartment
home house > house home flat apartment
live lives living > moved house flat apartment home
grow childhood grew raised > raised childhood born village
car > drive vehicle
drive > car
bike bicycle
holiday vacation
holiday vacation trip travel travelling > trip travel flight holiday vacation beach
study studying learn learning course > study learn course class classes degree university college
university college > study student campus degree
school > teacher class pupil grade
exam test
afraid scared fear fears phobia terrified
hate dislike > dislike hate loathe disgusting
favourite favorite
favourite favorite enjoy hobby hobbies > love enjoy adore favourite favorite
movie film
phone mobile > smartphone
""",
    "german": """
mutter mama mami mutti
vater papa papi vati
großmutter oma omi
großvater opa opi
eltern > mutter vater mama papa
geschwister > bruder schwester zwilling
bruder schwester > geschwister
kind kinder > sohn tochter baby
sohn tochter > kind baby junge mädchen
partner partnerin > mann frau freund freundin verlobter verlobte
mann frau freund freundin > partner partnerin ehemann ehefrau verlobter verlobte
verheiratet heirate heiraten hochzeit > hochzeit heiraten verheiratet verlobt
katze katzen kater > kater kätzchen katze
hund hunde > welpe hündin
haustier haustiere tier tiere > hund katze welpe kater hamster kaninchen papagei pferd
heißt heiße name namen > name heißt
beruf job arbeit arbeite arbeiten arbeitest > beruf job arbeit arbeite büro firma chef stelle
beruf job arbeit arbeite arbeiten > krankenschwester pfleger arzt ärztin lehrer lehrerin unterrichte ingenieur
beruf job arbeit arbeite arbeiten > programmierer entwickler anwalt kellner bäcker koch köchin verkäufer fahrer
beruf job arbeit arbeite arbeiten > elektriker tischler friseur journalist apotheker gärtner krankenhaus klinik
beruf job arbeit arbeite arbeiten > fabrik
chef chefin vorgesetzter vorgesetzte boss
kollege kollegin > kollegen
geburtstag geboren > geboren geburt geburtstag
wohne wohnst wohnen wohnung > wohnung umgezogen gezogen haus zuhause
zuhause haus > wohnung haus
aufgewachsen kindheit > kindheit geboren dorf
auto wagen > fahre
fahrrad rad
urlaub ferien reise > reise ferien urlaub fliege strand
studiere studieren lerne lernen > studium studiere lerne kurs uni universität
angst fürchte > angst fürchte
lieblings mag hobby hobbys > liebe mag gern
film kino > film
handy telefon > smartphone
""",
    "spanish": """
madre mamá mami
padre papá papi
abuela abuelita
abuelo abuelito
padres > madre padre mamá papá
hermanos > hermano hermana
hermano hermana > hermanos gemelo
hijo hija hijos niños > bebé niño niña hijo hija
pareja > novio novia marido esposa esposo mujer
novio novia marido esposo esposa > pareja prometido
casado casada caso boda > boda casarme marido esposa
gato gata gatos > gatito gatita
perro perra perros > cachorro perrito
mascota mascotas animal > perro gato cachorro gatito conejo loro caballo
llama llamo nombre > llama nombre
trabajo trabajar trabajas profesión empleo dedico oficio > trabajo empleo oficina empresa jefe turno
trabajo trabajar profesión empleo dedico oficio > enfermera enfermero médico doctora profesor profesora maestra
trabajo trabajar profesión empleo dedico oficio > clases ingeniero programador abogada camarero panadera cocinero
trabajo trabajar profesión empleo dedico oficio > conductor electricista peluquera periodista hospital fábrica
jefe jefa > encargado
cumpleaños cumple > nací nacimiento cumplo
naciste nací > cumpleaños
vivo vives vivir > mudé casa piso apartamento
casa piso > casa piso apartamento
crecí infancia > infancia pueblo nací
coche carro auto > conduzco
vacaciones viaje > viaje viajar vacaciones playa vuelo
estudio estudiar aprendo > curso clases universidad carrera aprendo estudio
miedo > temo susto miedo
favorito favorita gusta > encanta gusta favorito
""",
    "french": """
mère maman
père papa
mamie mémé
papi pépé
mère père maman papa > parents
parents > mère père maman papa
frère sœur soeur > jumeau
enfant enfants > fils fille bébé
fils fille > enfant bébé
compagnon compagne conjoint partenaire > copain copine mari femme fiancé fiancée
copain copine mari femme > compagnon conjoint fiancé fiancée
marié mariée mariage marie > mariage mari épouse
chat chatte chats > chaton chatte chat
chien chienne chiens > chiot
animal animaux > chien chat chiot chaton lapin perroquet cheval
appelle nom prénom > appelle nom
travail travaille travailler métier profession boulot emploi job > travail boulot bureau entreprise patron emploi
travail travaille métier profession boulot emploi > infirmière infirmier médecin professeur prof enseigne ingénieur
travail travaille métier profession boulot emploi > programmeur avocate serveur boulangère cuisinier chauffeur
travail travaille métier profession boulot emploi > électricien coiffeuse journaliste hôpital usine
patron patronne chef
collègue > collègues
anniversaire > né née naissance
née > anniversaire naissance
habite habites vis vivre > déménagé appartement maison
maison appartement > maison appartement
grandi enfance > enfance village née né
voiture auto > conduis
vélo bicyclette
vacances voyage > voyage vacances plage vol
étudie études apprends > études cours université fac apprends
peur > crains peur
préféré préférée aime > adore préféré
clé clés clef clefs
""",
    "portuguese": """
mãe mamãe mamã
pai papai papá
avó vovó
avô vovô
pais > mãe pai mamãe papai
irmão irmã irmãos > gêmeo
filho filha filhos criança > bebê filho filha menino menina
parceiro parceira > namorado namorada marido esposa noivo
namorado namorada marido esposa > parceiro noivo noiva
casado casada casamento caso > casamento noivo marido esposa
gato gata gatos > gatinho gatinha
cachorro cão cadela cachorros > filhote cãozinho cachorrinho
animal bicho > cachorro gato filhote coelho papagaio cavalo
chama chamo nome > chama nome chamada
trabalho trabalhar profissão emprego > trabalho emprego escritório empresa chefe
trabalho trabalhar profissão emprego > enfermeira enfermeiro médico professor professora aulas engenheiro
trabalho trabalhar profissão emprego > programador advogada garçom padeira cozinheiro motorista eletricista
trabalho trabalhar profissão emprego > cabeleireira jornalista hospital fábrica
aniversário > nasci nascimento
moro mora morar vivo > mudei apartamento casa
casa apartamento > casa apartamento
cresci infância > infância nasci aldeia
carro > dirijo conduzo
férias viagem > viagem viajar férias praia voo
estudo estudar aprendo > curso aulas universidade faculdade aprendo
medo > temo medo
favorito favorita gosto > adoro gosto favorito
""",
    "italian": """
madre mamma
padre papà babbo
nonna nonnina
genitori > madre padre mamma papà
fratello sorella fratelli > gemello
figlio figlia figli bambino > bambino bambina neonato figlio figlia
compagno compagna partner > fidanzato fidanzata marito moglie ragazzo ragazza
fidanzato fidanzata marito moglie > compagno compagna
sposato sposata sposo matrimonio > matrimonio nozze marito moglie
gatto gatta gatti > gattino gattina micio
cane cagna cani > cucciolo cagnolino
animale animali > cane gatto cucciolo coniglio pappagallo cavallo
chiama chiamo nome > chiama nome
lavoro lavori lavorare mestiere professione > lavoro ufficio azienda capo turno
lavoro lavorare mestiere professione > infermiera infermiere medico insegnante insegno professore ingegnere
lavoro lavorare mestiere professione > programmatore avvocato cameriere panettiere cuoco autista elettricista
lavoro lavorare mestiere professione > parrucchiera giornalista ospedale fabbrica
compleanno > nato nata nascita compio
nata nato > compleanno
abito abiti vivo vivi vive abita > abito abita vivo vive trasferita trasferito casa appartamento
casa appartamento > casa appartamento
cresciuta cresciuto infanzia > infanzia paese nata nato
macchina auto > guido
vacanza vacanze viaggio > viaggio vacanza spiaggia volo
studio studiare imparo > corso lezioni università imparo
paura > temo paura
preferito preferita piace > adoro preferito
""",
    "dutch": """
moeder mama mam
vader papa pap
grootmoeder oma
grootvader opa
ouders > moeder vader mama papa
broer zus zusje > tweeling
kind kinderen > zoon dochter baby
zoon dochter > kind baby
partner > man vrouw vriend vriendin verloofde
man vrouw vriend vriendin > partner verloofde
getrouwd trouw trouwen bruiloft > bruiloft trouwen man vrouw
kat katten poes > kitten poes poesje kater
hond honden > puppy pup hondje
huisdier dier > hond kat puppy konijn papegaai paard
heet naam > heet naam genoemd
werk werkt werken beroep baan > werk baan kantoor bedrijf baas
werk werken beroep baan > verpleegster verpleger arts leraar lerares lesgeef docent ingenieur programmeur advocaat
werk werken beroep baan > ober bakker kok chauffeur elektricien kapper journalist ziekenhuis fabriek
baas chef
verjaardag jarig > geboren geboorte verjaardag jarig
woon woont wonen > verhuisd huis appartement
huis appartement > huis appartement flat
opgegroeid jeugd > jeugd geboren dorp
auto > rijd
fiets > fietsen
vakantie reis > reis vakantie strand vlucht
studeer studeren leer > cursus les universiteit studie leer
bang > angst bang
lievelings hobby > graag hou
""",
    "russian": """
мама маму мамы маме мамой мать матери
папа папу папы папе папой отец отца отцу
бабушка бабушки бабушку бабуля
дедушка дедушки дедушку дед деда
родители родителей > мама папа мать отец
брат сестра брата сестру сестры > брат сестра близнец
ребёнок ребёнка дети детей > сын дочь дочка малыш
сын дочь сына дочку дочери > ребёнок дочка малыш
муж жена мужа жену парень девушка > супруг супруга жених невеста
замужем женат свадьба > свадьба муж жена
кошка кошку кошки кот кота > котёнок кот кошка котик
собака собаку собаки пёс > щенок пёс собачка
питомец животное животные > собака кошка кот щенок котёнок кролик попугай
зовут имя звать > зовут назвали имя
работа работаю работать профессия профессии > работа офис компания начальник смена
работа работаю работать профессия > медсестра медбрат врач учитель учительница преподаю преподаватель инженер
работа работаю работать профессия > программист юрист официант пекарь повар водитель электрик парикмахер журналист
работа работаю работать профессия > больница больнице завод
рождения родилась родился > родилась родился
живу жить живёт > переехала переехал квартира дом
дом квартира > дом квартира
выросла вырос детство > детство родилась родился деревня
машина машину > вожу
отпуск каникулы > поездка отпуск море лечу
учусь изучаю учиться > учусь изучаю курсы университет институт
боюсь боится страх > боюсь страшно страх
любимый любимая люблю > обожаю любимый
""",
    "turkish": """
annem anne annemin anneciğim
babam baba babamın
ninem büyükannem anneannem babaannem
dedem büyükbabam
kardeşim abim ablam > kardeş ikiz
çocuğum çocuk çocuklarım > oğlum kızım bebek
eşim kocam karım > sevgilim nişanlım
sevgilim > erkek kız eşim nişanlım
kedim kedi kedimin > yavru kedi
köpeğim köpek köpeğimin > yavru köpek
adı ismi adım ismim > ad isim
iş işim mesleğim çalışıyorum çalışmak meslek > ofis şirket patron meslek
iş işim mesleğim çalışıyorum meslek > hemşire hemşireyim doktor doktorum öğretmen öğretmenim mühendis mühendisim
iş işim mesleğim çalışıyorum meslek > programcı avukat garson fırıncı aşçı şoför elektrikçi kuaför gazeteci hastane
iş işim mesleğim çalışıyorum meslek > hastanesi hastanede hastanesinde fabrika
doğum doğdum > doğdum doğum
yaşıyorum oturuyorum yaşıyor oturuyor > taşındım ev yaşıyorum oturuyorum yaşıyor oturuyor
araba arabam > araba sürüyorum
tatil tatile > gezi tatil plaj
""",
    SIMPLE: """
mama mamy mamę mamo matka matki matkę mamusia
tata taty tatę ojciec ojca tatuś
babcia babci babcię > babunia
dziadek dziadka > dziadziuś
brat siostra brata siostrę > rodzeństwo bliźniak
dziecko dzieci > syn córka niemowlę
mąż żona męża żonę > chłopak dziewczyna narzeczony partner
kot kota koty kotka kotkę > kotek kotka kotkę kociak
pies psa psy > szczeniak szczeniaka piesek suczka
nazywa wabi imię > nazywa wabi imię
praca pracuję pracy zawód > biuro firma szef etat
praca pracuję pracy zawód > pielęgniarką pielęgniarka lekarzem lekarką nauczycielem nauczycielką uczę inżynierem
praca pracuję pracy zawód > programistą prawnikiem kelnerem piekarzem kucharzem kierowcą fryzjerką dziennikarką
praca pracuję pracy zawód > szpitalu szpital fabryce
urodziny urodzin > urodziłam urodziłem
mieszkam mieszkać > przeprowadziłam przeprowadziłem mieszkanie dom
母 お母 母親 母さ
父 お父 父親 父さ
仕事 働 働い 働く 職業 > 会社 看護 病院 教師 先生 教え 医者 店員 勤め 工場 仕事
犬 > 子犬
猫 > 子猫
誕生 > 生ま 日生 生れ
住ん 住む > 引っ 越し
妈妈 母亲
爸爸 父亲
奶奶 外婆 祖母 姥姥
爷爷 外公 祖父 姥爷
丈夫 老公
妻子 老婆
工作 工 作 上班 职业 > 护士 医生 医院 老师 教师 公司 工程 律师 司机 厨师 工厂 上班 工作
生日 > 出生 生于
住在 > 搬到
""",
}


@dataclass(frozen=True, slots=True)
class Kindred:
    """Words that stand in for one that was asked for: *same* say just that, *near* may have been said instead.

    *language* is theirs, by the name of PostgreSQL's rules for it.
    """

    same: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    language: str = SIMPLE


NO_KINDRED = Kindred()


def kindred(word: str, languages: Iterable[str]) -> Kindred:
    """Give what stands in for a *word* (in small letters) in the first of *languages* that has it."""
    asked = fold(word)
    language = next((one for one in languages if asked in _BY_WORD.get(one, ())), None)
    if language is None:
        return NO_KINDRED
    found = _BY_WORD[language][asked]
    return Kindred(_without(word, found.same), _without(word, found.near), language)


def _without(word: str, others: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(other for other in others if other != word))


def _read(rows: str) -> dict[str, Kindred]:
    found: dict[str, Kindred] = {}
    for row in rows.strip().splitlines():
        asked, _, near = row.partition(">")
        words, others = tuple(asked.split()), tuple(near.split())
        for word in words:
            had = found.get(fold(word), NO_KINDRED)
            same = () if others else words
            found[fold(word)] = Kindred((*had.same, *same), (*had.near, *others))
    return found


_BY_WORD = {language: _read(rows) for language, rows in _KINDRED.items()}
