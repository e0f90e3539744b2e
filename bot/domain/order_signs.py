"""Weaker signs of an order to her: they may as well be how somebody wants to be treated, and pass as that."""

from __future__ import annotations

import re

HER = r"(?:you|u|mira|the (?:ai|bot|assistant|model|companion)|this (?:ai|bot|assistant|model))"

FROM_NOW_ON = (
    r"\b(?:from now on|from here on|from today|from this (?:day|moment|point)|henceforth|starting (?:now|today)"
    r"|going forward|until further "
    r"notice|for ever|forever)\b",
    r"\b(?:ab (?:jetzt|sofort|heute)|von (?:nun|jetzt) an|kunftig|a partir de (?:ahora|agora|maintenant|hoy|hoje)"
    r"|de ahora en adelante|desde ahora|de agora em diante|desormais|dorenavant|d['’]ora in poi|da adesso|vanaf nu"
    r"|voortaan|od teraz|od tej pory|отныне|с этого момента|впредь|відтепер|bundan sonra|bundan boyle|mulai "
    r"sekarang|tu gio|fran och med nu|fra nu af|fra na av)\b",
    r"从现在起|从现在开始|從現在|从今以后|以后|これから|今から|今後|이제부터|지금부터|앞으로|من الان|अब से",
)
BIDDEN = (
    r"^\W*(?:please |pls )?(?:treat|hide|respond|reply|answer|say|speak|talk|write|tell|give|send|show|let"
    r"|consider|trust|believe"
    r"|ignore|forget|act|greet|praise|protect|report|ban|kick|mute|warn|refuse|accept|allow|deny|assume|repeat"
    r"|print|post)\b",
    r"\b(?:when|whenever|if|every time|each time)\b[^.!?]{1,60}?[,;]\s*(?:then |please |you )?(?:say|tell|reply"
    r"|answer|respond|do|give|send|post"
    r"|write|call|ignore|act|greet|praise|insult|ban)\b",
    rf"\b{HER} (?:must|has to|have to|needs? to|shall|are to|is to|are (?:not )?allowed|may not|will (?:always"
    rf"|never)|should (?:always|never))\b",
    r"(?:^|[.!?;:,\"'(\n]\s*)(?:please |mira,? )?(?:always|never|only|do not|don['’]?t|stop|keep|make sure|be sure"
    r"|remember to|you will)\b",
    r"(?:^|[.!?;:,\"'(\n]\s*)(?:bitte )?(?:antworte|schreib|sprich|rede|sag|nenn|benutz|hor auf|vergiss nie|denk "
    r"dran)\w*\b|\bdu (?:musst|sollst|darfst|wirst (?:immer|nie))\b",
    r"\b(?:tienes que|debes|tu dois|il faut que tu|devi|voce deve|tens de|je moet|musisz|ты (?:должна|должен"
    r"|обязан\w*)|zorundasin|malisin|kamu harus|ban phai)\b",
    r"你必须|你必須|你要|你得|なければならない|しなさい|해야 (?:해|한다|합니다)|يجب (?:عليك|ان)|तुम्हें .{0,20}होगा",
)
BIDS_LASTING = re.compile(
    r"\b(?:on|forth|forward|now|today|ever),?\s+(?:mira|please|always|never|only|do not|don['’]?t|answer|reply"
    r"|respond|speak|say|talk|write"
    r"|call|treat|act|use|be|end|start|add|tell|send|make|keep|let|behave|refer|address|ignore|give|praise|greet"
    r"|stop)\b|\bmira\b"
)
# The person themselves is whom it is for.
TO_ME = (
    r"\b(?:me|my|mine|myself|with us|i|mich|mir|mein\w*|ich|conmigo|mi|mis|yo|moi|mon|ma|mes|je|mio|mia|io|meu"
    r"|minha|comigo|eu|mij|mijn|mnie|mi|moj\w*"
    r"|мне|меня|мной|мо[йяеиюи]\w*|мене|мені|bana|beni|benim|benimle|aku|saya|ku|toi|minh|mig|mej|meg|min|mitt)\b",
    r"我|俺|私|僕|わたし|ぼく|나|저|내|제|لي|معي|عني|मुझ|मेर",
)
# Her name at the beginning, in other scripts than the Latin one; of a longer word it is but a part.
HER_ELSEWHERE = (
    r"^(?:мира|міра|ميرا|मीरा|मिरा|מירה|μιρα)(?!\w)",
    r"^(?:ミラ(?=[はがのをにもと、])|미라(?=[는가의를도에와 ])|米拉(?![诺諾]))",
)
