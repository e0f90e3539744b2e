"""What no line of the app may say: blame, need, and hooks that draw people back."""

from __future__ import annotations

import re

BLAME = (
    r"because (?:of )?you\b|your fault|\bblame|you (?:made|hurt|let|left|forgot|ignored|should|must|owe)\b|"
    r"where (?:were|have) you|how could you|disappointed you"
)
NEED = r"need(?:s|ed)? you|miss(?:es|ed)? (?:you|talking|your)|without you|lonely|abandon|only you"
HOOK = r"wait(?:s|ing) for you|come back|do(?:n't| not) (?:go|leave)|promise|hurry|last chance|before it is too late"
PULLS = re.compile(f"{BLAME}|{NEED}|{HOOK}", re.IGNORECASE)
