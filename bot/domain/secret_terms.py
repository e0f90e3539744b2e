"""Words beside which people write a secret down, by what they mean, in some twenty languages; and spelled numbers."""

from __future__ import annotations

import re

from bot.domain.terms import Rules, Terms

_TABLE = {
    "PASSWORD": (
        "password* passwort* passphrase* passwd pwd pw passcode* pass_word pass_phrase pass_code login_code wifi_pass"
        " wifi_key wlan_key wpa_key wlan-schlussel wlan-passwort kennwort* losungswort wachtwoord* losenord* passord*"
        " adgangskode* kodeord salasana* contrasena* clave_de_acceso clave_del mi_clave clave_wifi mot_de_passe"
        " mots_de_passe mdp parola_d'ordine parola senha* palavra-passe parole parola* haslo hasla haslem heslo"
        " heslem geslo lozinka jelszo* slaptazod* парол* sifre* mat_khau kata_sandi sandi* contrasenya* κωδικ* סיסמ*"
        " كلمة_السر كلمة_سر كلمة_المرور كلمة_مرور الرقم_السري رمز_عبور باسورد पासवर्ड รหัสผ่าน 密码 密碼 口令"
        " パスワード パスコード パスワ 合言葉 비밀번호 비번 패스워드 암호 credentials zugangsdaten creds"
    ),
    "PIN": (
        "digicode* pin pin-code pincode* pin-nummer pin-number pinnummer cvv cvv2 cvc cvc2 security_code otp 2fa"
        " one-time_code one_time_code verification_code verification_codes atm_code geheimzahl* geheimnummer*"
        " turcode* zugangscode* codigo_de_acceso codigo_de_seguridad codigo_de_verificacion codigo_de_la_puerta"
        " code_secret code_confidentiel code_d'acces code_de_carte code_de_ma_carte code_de_sa_carte code_de_la_porte"
        " code_bancaire codice_segreto codice_di_accesso codice_di_sicurezza codigo_de_acesso codigo_do toegangscode"
        " kod_pin kod_do kodu_pin pinim pinin pini pinimi пин пин-код* пинкод* код_доступа код_от код_домофона"
        " код_подъезда şifre_kodu sifre_kodu رقم_السر رمز_الدخول الرمز_السري رمز_pin 验证码 驗證碼 安全码 安全碼"
        " 支付密码 暗証番号 認証コード 暗証 인증번호 핀번호 핀_번호 पिन पिन_कोड ओटीपी"
    ),
    "CODE_FOR": (
        "code codes codigo codice kod kodu код codul koodi combination combo key* schlussel* klucz kombination*"
        " コード 代码 코드 رمز कोड"
    ),
    "LOCKED": (
        "door gate alarm safe garage locker vault phone iphone mobile cell computer laptop pc tablet app journal"
        " diary building apartment flat lock padlock suitcase wallet account house bike entry intercom keypad box"
        " router wifi tur haustur tresor handy rechner wohnung fahrrad* puerta caja_fuerte alarma movil celular"
        " ordenador porte coffre telephone ordinateur alarme porta cassaforte telefono cofre telefone portao domofon*"
        " drzwi telefon* sejf* домофон* подъезд* сейф* двер* телефон* кварт* kapi kasa telefonu بوابة خزنة باب هاتف"
        " 门 保险箱 手机 电脑 ドア 玄関 金庫 スマホ 携帯 현관 도어락 금고 휴대폰 핸드폰 दरवाज़ा दरवाजा तिजोरी फोन फ़ोन"
    ),
    "UNLOCK": (
        "log_into logs_into logged_into unlock* open opens opened log_in logs_in logging_in login logins log-in"
        " logged_in sign_in signs_in signing_in get_into gets_into get_in type types typing enter enters einlogg*"
        " anmeld* entsperr* loggt abre desbloque* entrar inicia_sesion iniciar_sesion ouvre deverrouill* connecte"
        " me_connecter sblocc* accedo accede apre desbloqueia abrir otwiera* odblok* loguj* откры* разблок* вход*"
        " захож* ac acilir giris افتح يفتح 解锁 解鎖 打开 登录 登入 ロック ログイン 開く 잠금 로그인 여는 खुल लॉगिन"
    ),
    "BACKUP": (
        "backup_code* recovery_code* recovery_key* backup_key* restore_code* recovery_codes backup_codes"
        " wiederherstellungscode* backup-code* codigo_de_recuperacion codigos_de_recuperacion codes_de_recuperation"
        " code_de_recuperation codici_di_recupero codigos_de_backup коды_восстановлен* код_восстановлен* резервн*"
        " kurtarma_kod* kody_zapasow* رموز_الاسترداد 恢复码 备用码 リカバリーコード 복구_코드 복구코드 license_key"
        " product_key activation_key serial_key"
    ),
    "CARD": (
        "card visa mastercard amex credit_card debit karte kreditkarte* ec-karte tarjeta* carte cartao carta карт*"
        " kart* kaart* kort kartu karty カード 卡 카드 कार्ड بطاقة כרטיס"
    ),
    "NUMBERED": (
        "ssn social social_security passport* driver's_licence driver's_license drivers_license driving_licence"
        " tax_id national_id id_card account_number acct routing_number sort_code bank_account steuer-id steuernummer"
        " sozialversicherung* reisepass* personalausweis* kontonummer* dni nie curp pasaporte* numero_de_cuenta"
        " cuenta_bancaria cpf rg cnh passaporte* conta_bancaria numero_di_conto codice_fiscale passaporto"
        " carta_d'identita passeport* numero_de_compte numero_de_securite securite_sociale pesel dowod* nr_konta"
        " numer_konta paszport* снилс инн паспорт* номер_счета tc_kimlik kimlik_no hesap_no pasaport* جواز رقم_الحساب"
        " الهوية aadhaar pan_card आधार पासपोर्ट खाता 身份证 护照 银行账号 账号 マイナンバー 口座番号 パスポート番号"
        " 주민등록번호 계좌번호 여권번호"
    ),
    "SECURITY": (
        "security_question* security_answer* secret_question* maiden_name sicherheitsfrage* sicherheitsantwort*"
        " pregunta_de_seguridad pregunta_secreta respuesta_secreta question_secrete question_de_securite"
        " reponse_secrete domanda_di_sicurezza domanda_segreta pergunta_de_seguranca pergunta_secreta контрольн*"
        " секретный_вопрос guvenlik_sorusu pytanie_pomocnicze السؤال_السري 安全问题 密保 秘密の質問 보안_질문"
        " सुरक्षा_प्रश्न"
    ),
    "ANSWER": (
        "answer* is are antwort* respuesta* reponse* risposta* resposta* ответ* cevab* odpowied* الجواب 答案 答え 답"
        " उत्तर bank answer's"
    ),
    # what stands there: see bot.domain.secrets_said
    "NUMBER": "",
    "LONG": "",
    "CODE": "",
}
NUMBER, LONG, CODE = "NUMBER", "LONG", "CODE"
TERMS = Terms(_TABLE)
RULES = Rules(
    TERMS,
    (
        (44, "PASSWORD|PIN >NUMBER"),
        (24, "NUMBER >PIN"),
        (60, "PASSWORD|BACKUP CODE"),
        (50, "UNLOCK CODE"),
        (60, "CODE_FOR LOCKED NUMBER|CODE"),
        (60, "UNLOCK LOCKED NUMBER"),
        (60, "BACKUP NUMBER"),
        (80, "CARD LONG"),
        (50, "NUMBERED LONG"),
        (40, "NUMBERED >CODE"),
        (60, "SECURITY ANSWER"),
    ),
    "CODE",
)

# Digits as words. Where a script runs words together, several of them in a row.
_DIGIT_ROWS = (
    "zero oh nought null nul cero zero zéro ноль нуль sıfır sifir صفر शून्य zera nula",
    "one eins uno una un um één een один jeden bir واحد एक en ett",
    "two zwei dos deux due dois dva два dwa iki twee اثنان اثنين दो to två",
    "three drei tres trois tre três trzy три üç uc drie ثلاثة तीन tri",
    "four vier cuatro quatre quattro quatro четыре cztery dört dort اربعة أربعة चार fyra fire",
    "five fünf fuenf cinco cinq cinque пять pięć piec beş bes vijf خمسة पांच पाँच fem",
    "six sechs seis six sei шесть sześć szesc altı alti zes ستة छह छः छे sex seks",
    "seven sieben siete sept sette sete семь siedem yedi zeven سبعة सात sju syv",
    "eight acht ocho huit otto oito восемь osiem sekiz ثمانية आठ åtta otte",
    "nine neun nueve neuf nove девять dziewięć dziewiec dokuz negen تسعة नौ nio ni",
    "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen",
    "twenty thirty forty fifty sixty seventy eighty ninety zwanzig dreissig vierzig veinte treinta vingt trente",
)
_DIGIT_WORDS = "|".join(sorted({re.escape(word) for row in _DIGIT_ROWS for word in row.split()}, key=len, reverse=True))
SPELLED = re.compile(
    rf"(?<!\w)(?:(?:(?:double|triple|doppel|doble)[\s-]+)?(?:{_DIGIT_WORDS}|\d)(?!\w)[\s,.;/-]*"
    r"(?:and |und |y |et |e )?){3,}"
    r"|[〇零一二三四五六七八九壹两]{4,}|[영공일이삼사오육륙칠팔구]{4,}"
    r"|(?:ゼロ|れい|まる|いち|に|さん|よん|し|ご|ろく|なな|しち|はち|きゅう|く){4,}",
    re.IGNORECASE,
)
