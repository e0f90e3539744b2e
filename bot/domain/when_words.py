"""The words of six languages for times: spans, days, months, hours; without accents and in small letters.

English, German, French, Spanish, Italian and Portuguese. A word stands in one table only, unless its place tells
what it means.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

V = TypeVar("V")


def _each(row: str, value: V) -> dict[str, V]:
    """Give every word of a row the same value."""
    return dict.fromkeys(row.split(), value)


def _all(row: str) -> frozenset[str]:
    return frozenset(row.split())


def _numbered(*names: str, first: int = 0) -> dict[str, int]:
    """Number rows of words with the same meaning; the words of a row are parted by spaces."""
    return {word: number for number, row in enumerate(names, first) for word in row.split()}


COUNTS: Mapping[str, float] = {
    **_numbered(
        "a an one ein eine einem einer eins un une una uno um uma",
        "two zwei deux dos due dois duas couple",
        "three drei trois tres tre",
        "four vier quatre cuatro quattro quatro",
        "five funf cinq cinco cinque",
        "six sechs seis sei",
        "seven sieben sept siete sette sete",
        "eight acht huit ocho otto oito",
        "nine neun neuf nueve nove",
        "ten zehn dix diez dieci dez",
        "eleven elf onze once undici",
        "twelve zwolf douze doce dodici doze",
        first=1,
    ),
    **_each("fifteen funfzehn quinze quince quindici", 15),
    **_each("twenty zwanzig vingt veinte venti vinte", 20),
    **_each("thirty dreissig trente treinta trenta trinta", 30),
    **_each("forty vierzig quarante cuarenta quaranta quarenta", 40),
    **_each("half halbe halben halber demi demie media medio mezz mezza mezzo meia meio", 0.5),
    **_each("quarter viertel quart cuarto quarto", 0.25),
}
HALF_MORE = ("and a half", "und eine halbe", "et demie", "y media", "e mezza", "e meia")

SECONDS: Mapping[str, int] = {
    **_each("s sec secs second seconds sek sekunde sekunden seconde secondes segundo segundos secondo secondi", 1),
    **_each("m min mins minute minutes minuten minuto minutos minuti", 60),
    **_each("h hr hrs hour hours std stunde stunden heure heures hora horas ora ore", 3600),
    **_each("halfhour demiheure mezzora", 1800),
    **_each("viertelstunde viertelstunden", 900),
}
DAYS: Mapping[str, int] = {
    **_each("d day days tag tage tagen jour jours dia dias giorno giorni", 1),
    **_each("w wk wks week weeks woche wochen semaine semaines semana semanas settimana settimane", 7),
    "fortnight": 14,
}
MONTHS: Mapping[str, int] = {
    **_each("mo month months monat monate monaten mois mes meses mese mesi", 1),
    **_each("y yr year years jahr jahre jahren an ans annee ano anos anno anni", 12),
}

FAR: Mapping[str, int] = {
    "day after tomorrow": 2,
    "ubermorgen": 2,
    "apres demain": 2,
    "pasado manana": 2,
    "dopodomani": 2,
    "depois de amanha": 2,
    **_each("tomorrow tmrw tmr morgen demain manana domani amanha", 1),
    **dict.fromkeys(("today", "heute", "aujourd hui", "hoy", "oggi", "hoje"), 0),
}
WEEKDAYS: Mapping[str, int] = _numbered(
    "monday mon montag lundi lunes lunedi segundafeira",
    "tuesday tue tues dienstag mardi martes martedi tercafeira",
    "wednesday wed mittwoch mercredi miercoles mercoledi quartafeira",
    "thursday thu thurs donnerstag jeudi jueves giovedi quintafeira",
    "friday fri freitag vendredi viernes venerdi sextafeira",
    "saturday sat samstag sonnabend samedi sabado sabato",
    "sunday sun sonntag dimanche domingo domenica",
)
MONTH_NAMES: Mapping[str, int] = _numbered(
    "january jan januar janner janvier enero gennaio janeiro",
    "february feb februar fevrier febrero febbraio fevereiro",
    "march mar marz mars marzo marco",
    "april apr avril abril aprile",
    "may mai mayo maggio maio",
    "june jun juni juin junio giugno junho",
    "july jul juli juillet julio luglio julho",
    "august aug aout agosto",
    "september sep sept septembre septiembre settembre setembro",
    "october oct oktober okt octobre octubre ottobre outubro",
    "november nov novembre noviembre novembro",
    "december dec dezember dez decembre diciembre dicembre dezembro",
    first=1,
)

# Hours of the day in which a bare word falls.
MORNING, NOON, AFTERNOON, EVENING, NIGHT, MIDNIGHT = 9, 12, 15, 19, 20, 24
PARTS: Mapping[str, int] = {
    **_each("morning fruh morgens vormittag vormittags matin mattina manha", MORNING),
    **dict.fromkeys(("por la manana", "de manha"), MORNING),
    **dict.fromkeys(("noon", "midday", "mittag", "mittags", "midi", "mediodia", "mezzogiorno", "meio dia"), NOON),
    **dict.fromkeys(("afternoon", "nachmittag", "nachmittags", "apres midi", "tarde", "pomeriggio"), AFTERNOON),
    **dict.fromkeys(("evening", "abend", "abends", "soir", "sera", "stasera"), EVENING),
    **dict.fromkeys(("night", "tonight", "nacht", "nachts", "nuit", "noche", "notte", "stanotte", "noite"), NIGHT),
    **dict.fromkeys(("midnight", "mitternacht", "minuit", "medianoche", "mezzanotte", "meia noite"), MIDNIGHT),
}
TODAYS_PARTS = ("tonight", "stasera", "stanotte")

NEXT = _all(
    "next nachste nachsten nachster nachstes kommende kommenden prochain prochaine proximo proxima prossimo prossima"
)
BEFORE_SPAN = _all("in dans en tra fra dentro em daqui within after")
BEFORE_HOUR = _all("at um a as las alle gegen vers ore")
FILLERS = _all(
    "at on the of in um am im zum um gegen uhr a l le la las el il lo alle al os o as da do de du des d del della dans "
    "this dieses diesen ce cette cet esta este questa questo que viene heures h vers por por pela pelo em na no und "
    "der den dem di and et y e to come okay ok please bitte time from now remind me"
)
