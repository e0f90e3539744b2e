"""What a line looks like from outside, in any language: a question, one that asks when, one that names a time.

Only the order of what is recalled hangs on it, never what is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.domain import when_words
from bot.domain.scripts import fold
from bot.domain.searchable import WORD

MARKS = re.compile("[?？؟՞]")


def _all(row: str) -> frozenset[str]:
    """Give the words of a row as they are compared."""
    return frozenset(map(fold, row.split()))


_OTHER_TIMES = """
yesterday tonight ago last recently soon later week weekend weekends month year years summer winter spring autumn fall
christmas easter birthday anniversary nowadays since until till daily weekly monthly
gestern vorgestern letzte letzten letzter letztes vorige vorigen vor bald neulich kurzlich wochenende sommer winter
fruhling herbst weihnachten ostern silvester geburtstag seit
hier avant derniere dernier prochaine bientot ete hiver printemps automne noel paques recemment depuis
ayer anteayer pasado pasada proximo ultima ultimo verano invierno primavera otono navidad pronto recien hace desde
ontem anteontem passado passada ultimo verao inverno natal logo ha desde ieri scorso scorsa estate inverno natale
gisteren eergisteren vandaag morgen week maand jaar vorige volgende zomer winter lente herfst kerst dag uur
igar idag imorgon vecka manad sommar hosten jul forra nasta igaar uke maned i kveld ifjor sist
eilen tanaan huomenna viikko kuukausi vuosi kesa talvi joulu viime ensi
tegnap ma holnap het honap ev nyar tel karacsony mult jovo
dun bugun yarin hafta ay yil gecen gelecek once sonra yaz kis bayram sabah aksam gece
ieri azi maine saptamana luna an vara iarna craciun trecut
kemarin besok hari minggu bulan tahun lalu depan tadi pagi malam sore
vakar siandien rytoj savaite menuo metai
wczoraj dzis dzisiaj jutro tydzien tygodniu miesiac rok roku lato zima temu zeszlym vcera dnes zitra tyden mesic leto
вчера сегодня завтра позавчера послезавтра неделю неделе неделя месяц месяце год году лет назад летом зимой весной
осенью утром вечером ночью днем прошлом прошлой прошлый следующий следующей скоро недавно
понедельник вторник среду среда четверг пятницу пятница субботу суббота воскресенье
января февраля марта апреля мая июня июля августа сентября октября ноября декабря
январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь
январе феврале марте апреле мае июне июле августе сентябре октябре ноябре декабре
вчора сьогодні завтра тиждень місяць рік χθες σημερα αυριο εβδομαδα μηνα χρονο
امس اليوم غدا اسبوع الاسبوع شهر الشهر سنة عام العام الماضي القادم قبل الصيف الشتاء السبت الاحد الاثنين الثلاثاء
الاربعاء الخميس الجمعة صباح مساء
אתמול היום מחר שבוע חודש שנה
कल आज परसों हफ्ते सप्ताह महीने महीना साल सुबह शाम रात पिछले अगले सोमवार मंगलवार बुधवार गुरुवार शुक्रवार शनिवार रविवार
어제 오늘 내일 지난주 다음주 작년 내년 지난달 올해 주말
"""
_JOINED = re.compile(
    "昨日|今日|明日|昨天|今天|明天|前天|后天|後天|先週|来週|今週|先月|来月|今月|去年|今年|来年|明年|上周|下周|上週|下週|上个月|下个月|"
    "星期|周末|週末|曜日|礼拜|春節|春节|クリスマス|正月|朝|夜|晚上|早上|上午|下午|午前|午後|[0-9一二三四五六七八九十]+[年月日号點点時时]|"
    "어제|오늘|내일|지난|다음|작년|내년|요일|[0-9]+[년월일시]|เมื่อวาน|วันนี้|พรุ่งนี้|สัปดาห์|เดือน|ปีที่แล้ว|วันจันทร์|วันเสาร์|วันอาทิตย์"
)
_NUMBERS = re.compile(
    r"\b(?:1[89]|20)\d\d\b|\b\d{1,2}[:.h]\d\d\b|\b\d{1,2}\s?(?:am|pm|uhr)\b|\b\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\b|\b\d{1,2}(?:st|nd|rd|th)\b"
    r"|\b\d{1,2}\.\s?(?=[^\W\d])|<t:\d+"
)
# Words for days and months that are as often something else.
_TOO_COMMON = _all("may mar mars sat sun son mon an ans di do mi an m s h d a ma ha as i set ora ore sex sam mai")
_TIMES = (
    _all(_OTHER_TIMES)
    | {
        fold(word)
        for table in (
            when_words.SECONDS,
            when_words.DAYS,
            when_words.MONTHS,
            when_words.FAR,
            when_words.WEEKDAYS,
            when_words.MONTH_NAMES,
            when_words.PARTS,
        )
        for word in table
    }
) - _TOO_COMMON
_DIGITS = re.compile(r"\d+")
_WHEN = _all(
    "when wann quand cuándo cuando quando когда коли wanneer när når hvornår milloin mikor când kapan kiedy kdy "
    "kada kailan πότε متى מתי कब cuan quan noiz үе cathain երբ எப்போது khi"
)
_WHEN_PHRASES = re.compile(
    r"\bhow long ago\b|\b(?:what|which) (?:day|date|year|month|week|time|season)\b|\bseit wann\b|\b(?:welche[nrms]?|"
    r"an welchem) (?:tag|jahr|monat|datum)\b|\bquel(?:le)? (?:jour|date|année|mois|heure)\b|\bqué (?:día|año|mes|fecha)"
    r"|\bne zaman\b|いつ|何時|何日|何曜日|什么时候|什麼時候|几点|哪天|哪年|언제|며칠|เมื่อไหร่|เมื่อไร|khi nào|bao giờ"
    r"|в каком (?:году|месяце)"
)


def is_question(text: str) -> bool:
    """Say whether *text* ends as a question."""
    end = text.rstrip()[-4:]
    return MARKS.search(end) is not None or end.endswith(("吗", "嗎", "か", "呢"))


def asks_when(text: str) -> bool:
    """Say whether *text* may ask for a time."""
    lowered = text.lower()
    if _WHEN_PHRASES.search(lowered) is not None:
        return True
    words = _words(lowered)
    return any(word in _WHEN for word in words) and (MARKS.search(text) is not None or next(iter(words)) in _WHEN)


def has_time(text: str) -> bool:
    """Say whether *text* names a time, be it a day, a month, an hour or "last week"."""
    lowered = text.lower()
    if _NUMBERS.search(lowered) is not None or _JOINED.search(lowered) is not None:
        return True
    return any(word in _TIMES for word in _words(lowered))


def _words(lowered: str) -> Iterable[str]:
    return [fold(word) for word in WORD.findall(_DIGITS.sub(" ", lowered))]
