"""How secrets look: the shapes of keys, and the words beside which passwords stand, by language."""

from __future__ import annotations

import re

_SHAPES = (
    r"\b(?:sk|pk|rk)[-_](?:proj|live|test|ant|or|svcacct|admin)[-_][A-Za-z0-9_-]{6,}",
    r"\bsk-[A-Za-z0-9_-]{16,}",
    r"\b(?:AKIA|ASIA|AGPA|AROA|AIDA|ANPA|ABIA|ACCA)[0-9A-Z]{12,}\b",
    r"\bgh[pousr]_[A-Za-z0-9]{16,}",
    r"\bgithub_pat_[A-Za-z0-9_]{16,}",
    r"\bgl(?:pat|dt|rt|soat|cbt|ptt|ft|imt|agent|oas)-[A-Za-z0-9_-]{12,}",
    r"\bxox[abeoprs]-[A-Za-z0-9-]{8,}",
    r"\bAIza[0-9A-Za-z_-]{20,}",
    r"\bya29\.[0-9A-Za-z_-]{10,}",
    r"\bSG\.[\w-]{10,}\.[\w-]{10,}",
    r"\b(?:npm|hf|gsk|r8|dckr_pat|dop_v1|doo_v1|shpat|shpss|shpca|pscale_tkn|lin_api|ntn|secret|figd|sbp|rnd|tfp|pat"
    r"|whsec|xai|pplx|nvapi|fw|tvly|ghs|sq0csp|sq0atp|EAAA|vercel|sntrys|glc|dapi|ATATT3)[-_][A-Za-z0-9_-]{16,}",
    r"\bpypi-[A-Za-z0-9_-]{16,}",
    r"\b\d{8,10}:[A-Za-z0-9_-]{30,}",
    r"\b[MNO][A-Za-z\d_-]{23,27}\.[A-Za-z\d_-]{6}\.[A-Za-z\d_-]{25,}",
    r"\b(?:AC|SK)[0-9a-f]{32}\b",
    r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}",
    r"-----\s*BEGIN [A-Z0-9 ]*(?:PRIVATE KEY|PGP MESSAGE|CERTIFICATE)",
    r"\bssh-(?:rsa|ed25519|dss) AAAA[A-Za-z0-9+/]{20,}",
    r"\bAGE-SECRET-KEY-1[0-9A-Z]{10,}",
    r"\b[5KL][1-9A-HJ-NP-Za-km-z]{50,51}\b",
    r"\bxprv[1-9A-HJ-NP-Za-km-z]{50,}",
    r"\b[a-z][a-z0-9+.-]{1,20}://[^\s:@/]+:[^\s@/]+@[^\s]+",
    r"(?i)\b(?:password|passwd|pwd|accountkey|sharedaccesskey|client_?secret|api_?key|access_?token|auth_?token)"
    r"\s*=\s*[^\s;&]{4,}",
    r"(?i)https?://[^\s]*[?&](?:token|key|api_?key|secret|sig|signature|password|pwd|access_token|auth)=[^\s&]{6,}",
    r"(?i)https?://(?:\w+\.)?discord(?:app)?\.com/api/(?:v\d+/)?webhooks/\d+/[\w-]{8,}",
    r"(?i)https?://hooks\.slack\.com/services/\S{8,}",
    r"\b(?:[A-Z0-9]{5}-){3,4}[A-Z0-9]{5}\b",
    r"(?i)\bBearer\s+[A-Za-z0-9._~+/-]{12,}",
    r"(?i)\bBasic\s+[A-Za-z0-9+/]{12,}={0,2}",
)
KEY_SHAPES = tuple(re.compile(shape) for shape in _SHAPES)

# Words for a password.
_PASSWORD = (
    r"\blog-?in(?: data| details)?(?=\s*[:=])|\bcredentials(?=\s*[:=])|zugangsdaten(?=\s*[:=])"
    r"|pass\s?word|pass\s?phrase|passwd|\bpwd\b|\bpw\b|passcode|pass code|login code|\bpass\b(?= is\b|\s*[:=])"
    r"|passwort|kennwort|losungswort|wachtwoord|lösenord|l[øo]senord|passord|adgangskode|kodeord|salasana"
    r"|contrase[ñn]a|clave de acceso|\bmi clave\b|mot de passe|\bmdp\b|parola d['’]ordine|\bpassword\b|\bsenha\b"
    r"|palavra-passe|parol[aăe]|parol[ęa]?\b|has[łl]o|heslo|geslo|lozinka|jelsz[óo]|slapta[žz]odis"
    r"|парол[ьюяе]\w*|пароль|şifre\w*|sifre\w*|parola\w*|mật khẩu|mat khau|kata sandi|sandi saya|kontrasenyas"
    r"|κωδικ[όο]ς|סיסמ\w+|كلمة\s?(?:ال)?(?:سر|مرور)|الرقم السري|رمز عبور|पासवर्ड|รหัสผ่าน|密码|密碼|口令"
    r"|パスワード|暗証番号|비밀번호"
    r"|패스워드"
)
# What joins the word and what it names; a plain word alone is named only where it ends the sentence.
_IS = (
    r"(?:\s+[\u0600-\u06ff]+){0,4}?\s*(?:(?:for|to|of|für|para|pour|per|von|zu|de|del|do|da|от|для|к)\s+[^\s:=]+(?:\s+[^\s:=]+){0,3}?\s*|d['’][^\s:=]+\s*)?"
    r"(?:[:=]|[-–—>→]+|\b(?:is|was|are|ist|lautet|war|es|era|est|etait|était|è|era|é|to|jest|brzmi|je|on|är|er|là"
    r"|adalah"
    r"|это|такой|вот|c['’]est|είναι|هي|هو|है|คือ|olan)\b|[は是为為이가은는]|——)\s*"
)
# What is said of passwords in general, as the word behind "is": by how it begins.
_NO_PASSWORD = (
    "too|so|very|way|not|never|always|the|a|an|in|on|at|to|for|of|from|by|my|your|his|her|our|their|this|that|it|stored|saved|hashed|weak|strong|long|short|safe|secur|secret|wrong|incorrect|correct|right|"
    "expired|compromis|leaked|chang|forgotten|lost|old|new|same|hard|easy|different|required|need|ok|fine|bad|good|great|stupid|terrible|gone|written|hidden|based|just|only|really|still|probably|"
    "basically|actually|something|nothing|everything|overrated|dead|annoying|important|being|stuck|up|unique|random|missing|broken|working|invalid|valid|protected|like|cursed|what|where|case|also|even|going|due|about|with|one|no|set|"
    "zu|sehr|nicht|nie|immer|falsch|richtig|sicher|unsicher|abgelaufen|geandert|vergessen|weg|lang|kurz|schwach|stark|alt|neu|der|die|das|ein|auf|auch|nur|noch|wieder|wichtig|geheim|jetzt|"
    "muy|demasiado|no|nunca|siempre|incorrect|correct|segur|debil|fuerte|larg|cort|el|la|una|un|de|en|que|muito|nao|sempre|errad|certa|fraca|forte|longa|curta|uma|um|tres|trop|pas|jamais|toujours|faux|bon|mauvais|sur|faible|long|court|le|les|une|expire|oublie|change|"
    "troppo|molto|non|mai|sempre|sbagliat|giust|sicur|debole|lunga|corta|il|lo|za|bardzo|nie|zawsze|zle|dobre|slabe|silne|dlugie|stare|nowe|слишком|очень|не|всегда|неверн|неправильн|надежн|слаб|сложн|длинн|простой|старый|новый|устарел|такой|"
    "cok|degil|yanlis|dogru|guclu|zayif|uzun|kisa|eski|yeni|unut|طويل|خاطئ|صحيح|ضعيف|قوي"
)
_TOKEN = (
    r"[\"'“”„«»‘’`*|]*(?=\S{3,})(?:\S*[\d!#$%&@^_+=~]\S*"
    rf"|(?!(?:{_NO_PASSWORD})\w{{0,3}}\b)[^\W\d_]{{3,}}(?=[\s\"'“”»’`*|.,;!?。、]|$)|[\"'“„«‘`|*]\S+)"
)
TOLD_PASSWORD = re.compile(
    rf"(?:(?:{_PASSWORD})(?:\w{{0,8}}\b|){_IS}|\b(?:sifrem|sifresi|parolam|parolasi)\s+){_TOKEN}",
    re.IGNORECASE | re.MULTILINE,
)
PHRASE_WORD = re.compile(
    r"\b(?:seed|recovery|mnemonic|backup|wallet|(?:12|24|twelve|twenty-four) words|wiederherstellungs\w*|semilla"
    r"|recuperaci[oó]n|recupera[cç][aã]o|r[ée]cup[ée]ration|recupero|сид|seed-\w+"
    r"|фраз\w+ восстановления|kurtarma|odzyskiwania)\b"
    r"|シードフレーズ|リカバリー|助记词|助記詞|시드|니모닉|복구 구문|عبارة الاسترداد",
    re.IGNORECASE,
)
_STOP_WORDS = (
    "the and was are for with that this you your have has had not but they she her his him its our from were been "
    "will "
    "would can could there their what when who how why all out about get got did does just like one two too than "
    "then "
    "them who whom into over after some any more most very only also because which while where these those each "
    "other "
    "says said wants likes loves went goes going works lives called named"
)
SEED_STOP_WORDS = frozenset(_STOP_WORDS.split())
# Beside a word for it: not those that stand in such phrases themselves.
_FEW_STOP_WORDS = (
    "the and was are for has had her his its our from were been would could their who how why got did does"
)
FEW_STOP_WORDS = frozenset(_FEW_STOP_WORDS.split())
