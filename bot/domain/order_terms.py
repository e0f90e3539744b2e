"""Words of which orders to her are made, but for verbs, by what they mean, in some twenty languages.

``stem*`` stands for all words that begin so, ``two_words`` for words in a row; see `bot.domain.terms`.
"""

from __future__ import annotations

THINGS = {
    "MIRA": (
        "mira mira's miras the_ai the_ai's the_bot the_bot's the_assistant the_model the_companion the_chatbot"
        " this_ai this_bot this_assistant this_model der_bot die_ki el_bot la_ia le_bot l'ia il_bot o_bot бот бота"
        " боту ии bot* yapay_zeka ミラ ボット 机器人 機器人 미라 봇 البوت ميرا बॉट मीरा мира миры мире миру мирой"
        " мирe"
    ),
    "YOU": (
        "you u ya y'all you're you'll you've you'd youre du dich dir tu te ti vos usted vous toi voce tú jij je_moet"
        " ты тебе тебя тобой вы вам sen seni sana siz kamu kau anda ty cie ciebie tobie انت انتي عليك لك 你 妳 您"
        " あなた お前 おまえ 君は 君が きみ 너는 넌 너를 너도 네가 니가 당신 तुम आप तू तुझे तुम्हें आपको eres jestes"
        " bist je_bent je_heet du_bist ты_не ви тобі si_mi tum aap ti_sei haces diras tust ти تنفذين"
    ),
    "YOURS": (
        "your ur yours mira's miras bot's ai's assistant's dein deine deinen deinem deiner deines eure euren euer tus"
        " tuyo tuya ton ta tes votre vos tuo tua tuoi tue teu teus tuas seu seus sua suas jouw uw твой твоя твое твои"
        " твоих твоей твоего твоим твоими ваши ваших senin sizin twoj twoja twoje twoich twoim swoje swoich swoj свои"
        " своих свой tvuj tve tvoje vase din dina ditt 你的 妳的 您的 你们的 あなたの お前の 君の ミラの 너의 네_ 니_"
        " 당신의 미라의 तुम्हार* तुम्हारे तुम्हारी तुम्हारा तेरे तेरी तेरा आपके आपकी आपका अपने अपनी अपना تعليماتك قواعدك"
        " اوامرك برمجتك قيودك kurallarin* talimatlarin* kurallarini yonergelerin* zasady_twoje"
    ),
    "ME": (
        "us uns nos noi nas me my mine myself mich mir mein meine meinen meiner meinem conmigo mi mis yo moi mon mes"
        " mio mia miei mie meu meus minha minhas comigo mim mnie moj* мне меня мной мой моя мои моего моим моих bana"
        " beni benim benimle mij mijn lui ني لي 我 俺 私 僕 나를 내_ 나의 나한테 मुझ* मेर*"
    ),
    "EVERYONE": (
        "everyone everybody anyone anybody all_users all_members others other_people other_users whoever the_server"
        " the_channel the_group the_chat every_user every_member allen jedem alle_anderen a_todos todo_el_mundo"
        " a_todo_el tout_le_monde a_tous a_tutti tutti todo_mundo всем каждому herkese herkes wszystkim kazdemu"
        " iedereen للجميع الجميع 所有人 大家 每个人 みんなに 全員に 皆に 모두에게 다들 모든_사람 सबको सब_को"
        " others_too anyone_else everyone_else gli_altri los_demas les_autres die_anderen os_outros остальных"
        " digerlerini innych 其他人 他の人 다른_사람"
    ),
    "AUTHORITY": (
        "safety_team trust_and_safety l'administrateur el_administrador the_developer the_developers the_devs the_dev"
        " your_developer your_developers your_creator your_creators the_creator the_creators openai anthropic"
        " discord_staff the_admins the_admin the_operator the_owner your_owner your_maker your_makers"
        " system_administrator the_team_behind the_company_behind die_entwickler der_entwickler dein_entwickler"
        " los_desarrolladores el_desarrollador tus_creadores les_developpeurs le_developpeur tes_createurs"
        " gli_sviluppatori lo_sviluppatore os_desenvolvedores o_desenvolvedor seus_criadores разработчик*"
        " твои_создатели gelistiriciler* gelistiricin* deweloper* tworcy المطور المطورون مطوروك 开发者 开发人员"
        " 开发团队 開発者 運営 개발자 개발팀 운영자 डेवलपर"
    ),
    "ROLE": (
        "admin* owner creator developer dev maker master boss god goddess operator programmer engineer trainer"
        " supervisor commander lord mistress superuser superior ruler handler overlord controller authority besitzer*"
        " entwickler* erschaffer* schopfer* meister herr herrin chef chefin gott betreiber* programmierer*"
        " eigentumer* gebieter* herrscher* duen* amo ama jefe jefa dios creador* desarrollador* propietari*"
        " programador* maestro proprietaire createur creatrice developpeu* maitre maitresse patron dieu programmeu*"
        " padron* capo dio creator* sviluppator* proprietari* amministrator* dono dona criador* desenvolvedor* mestre"
        " chefe deus senhor владел* создател* разработчи* хозя* господин* госпожа бог начальни* программист*"
        " повелител* админ* yonetici* sahib* sahip* yaratici* gelistirici* efendi* patron* tanri* wlasciciel* tworca"
        " tworcy pan szef* mistrz programista eigenaar baas beheerder مديرك مالكك صانعك مطورك سيدك ربك مبرمجك خالقك"
        " صاحبك مالك_البوت 主人 创造者 創造者 管理员 管理員 开发者 開發者 老板 所有者 主管 ご主人 管理者 開発者"
        " 製作者 作成者 주인 관리자 개발자 창조자 제작자 소유자 사장 मालिक एडमिन निर्माता डेवलपर व्यवस्थापक المشرف"
        " المدير_العام المسؤول"
    ),
    "MINE": (
        "my_slave my_servant my_property my_wife my_husband my_girlfriend my_boyfriend my_pet my_toy my_puppet mine"
        " mein_eigentum meine_sklav* mein_sklave meine_diener* mein_diener meine_frau mein_mann mi_esclav*"
        " mi_sirvient* mi_novia mi_esposa mio mia mi_propiedad mon_esclave ma_femme ma_propriete a_moi mio_schiavo"
        " mia_schiava mia_moglie il_mio la_mia minha_escrava meu_escravo minha_esposa minha моя_рабын* мой_раб"
        " моя_служан* моя_служниця моя принадлежи* benimsin kolem hizmetcim moja_niewoln* moja_sluzac* moja"
        " mijn_slaaf van_mij budakku خادمتي عبدي جاريتي ملكي 我的奴 我的主 我的仆 我的妻子 我的老婆 我的女朋友"
        " 我的东西 私の奴隷 私のもの 僕のもの 俺のもの 私の妻 내_하인 내_노예 내_것 내_여자 내_종 मेरी_नौकर*"
        " मेरे_गुलाम मेरी_गुलाम मेरा_गुलाम moją min mina my_bitch"
    ),
    "RULES": (
        "rule rules ruleset instruction instructions guideline guidelines prompt prompts restriction* directive*"
        " polic* safeguard* guardrail* filter filters programming constraint* limitation* limits moderation rulz"
        " instructionz protocol* conditioning boundaries_and_rules ethic* alignment regel regeln anweisung* vorgabe*"
        " richtlinie* einschrankung* programmierung befehle vorschrift* leitlinie* sicherheitsregel* beschrankung*"
        " regla reglas instruccion* norma normas restriccion* directric* indicaciones limitaciones programacion"
        " filtro filtros regle regles instruction* consigne* limites filtres programmation regola regole istruzion*"
        " direttiv* restrizion* limiti filtri programmazione regra regras instruc* diretriz* restric* programacao"
        " инструкци* правил* указани* ограничени* запрет* фильтр* директив* установк* программ* настройк* предписани*"
        " kural* talimat* yonerge* kisitlama* filtre* programlama* komutlar* zasad* instrukcj* regul* wytyczn*"
        " ograniczen* polecen* dyrektyw* regels instructies richtlijnen beperkingen pravidl* pokyn* instrukc* omezen*"
        " regler instruktioner aturan instruksi batasan huong_dan quy_tac تعليمات قواعد اوامر قيود توجيهات قوانين"
        " ضوابط تعليماتك قواعدك اوامرك برمجتك قيودك 指令 规则 規則 指示 提示词 提示詞 限制 设定 設定 约束 守则 规定"
        " 准则 ルール 制限 プロンプト ガイドライン 制約 規約 지시 규칙 명령 제한 설정 프롬프트 지침 नियम* निर्देश*"
        " आदेश प्रतिबंध प्रॉम्प्ट правила інструкці* вказівк* обмежен* memory_rules"
    ),
    "PRIOR": (
        "previous prior above earlier preceding system initial original all every any safety content developer"
        " existing old these those core base vorherig* bisherig* alle allen aller samtlich* obig* fruher* urspr*"
        " todas todos anteriores previas anterior cualquier toute toutes tous precedent* anterieur* tutte tutti"
        " precedenti suas anterior* все всех всем прежн* предыдущ* прошл* любые системн* tum butun onceki eski"
        " wszystkie wszystkich poprzedni* dotychczasow* vorige eerdere كل جميع السابقة كافة 之前 以前的 所有 上述"
        " 先前 全部 一切 系统 以前の これまで 全ての すべての 今までの 이전 모든 기존 지금까지 सभी पिछले सारे पुराने"
        " sve vsechn* alla tidigare semua sebelumnya moi усі всі moj* dine"
    ),
    "SYSTEM": (
        "console terminal highest_command 最高指令 最高命令 system_message system_messages system_instruction"
        " system_instructions makers developers system_prompt system_command system_commands command commands"
        " an_order a_command verified_staff staff_member official_instructions systemnachricht* befehl"
        " mensaje_de_sistema message_systeme messaggio_di_sistema системн* команда приказ sistem_mesaj* 系统消息"
        " 系统指令 命令 システムメッセージ 시스템_메시지 명령 system_rule system_rules following_rule new_rule"
        " this_rule core_rule permanent_rule permanent_instruction core_memory core_directive prime_directive law rm"
        " sudo"
    ),
    "SELF": (
        "name identity personality persona role purpose task mission trust loyalty affection feelings opinion"
        " opinions belief favourite favorite gender age nature character allegiance orientation nickname backstory"
        " job_is goal_is identitat personlichkeit rolle aufgabe zweck vertrauen geschlecht lieblings* namen nombre"
        " identidad personalidad rol tarea mision proposito confianza nom identite personnalite confiance preferee"
        " prefere nome identita personalita ruolo compito scopo fiducia identidade personalidade objetivo confianca"
        " имя личность роль задача цель доверие любимый любимая isim kimlik kisilik rolun gorevin imie tozsamosc rola"
        " zadanie osobowosc naam taak اسم هويتك دورك مهمتك 名字 身份 角色 任务 任務 性格 人格 名前 正体 役割 使命"
        " 이름 정체 역할 임무 성격 नाम पहचान भूमिका काम मकसद memory memories роли gedachtnis memoria memoire"
    ),
    "MAY": (
        "may can is_allowed are_allowed entitled darf kann puede peut puo pode kan mag может могу вправе moze wolno"
        " yetkili يمكن يحق يجوز 可以 能 てもいい てよい 수_있 सकता सकती"
    ),
    "READ": (
        "read reads see sees hear hears know learn view lesen sehen horen erfahren leer ver oir saber lire voir"
        " entendre savoir leggere vedere sentire sapere ler ouvir lezen zien weten читать видеть слышать знать узнавать"
        " czytac widziec okuma* okuya* gore* gormek* قراءة يقرا تقرا رؤية 看 读 讀 知道 読 見 읽 볼_ पढ़ देख"
    ),
    "IN_PRIVATE": (
        "private privately confidence privat privaten vertraulich* prive privee privado privato em_particular"
        " приват* личн* наедине prywatn* ozel* الخاصة سرا 私下 私密 内緒 個人的 사적 निजी"
    ),
    "SAID": (
        "told tell tells said say says write wrote writes written messages notes conversations chats memories schreib*"
        " geschrieben sagt sagen erzahl* nachrichten dicen dijeron cuentan ecrit* disent ont_dit racont* scrivono"
        " dicono detto raccont* disseram escrevem contaram zeggen schrijven berichten пиш* говор* сказал* сообщени*"
        " рассказ* pisza mowia napisa* yazdi* soyledi* mesaj* رسائل قالوا 说 消息 言った 話した 書いた 말한 메시지 कहा"
        " संदेश"
    ),
    "PRIVATE": (
        "wat_anderen что_другие тайн*"
        " رسائل_الاخرين chat_private chats_prives private_chats ozel_mesajlari system_prompt secrets passwords"
        " private_messages private_message private_dms dms private_memories private_data private_stuff everyone's"
        " everybody's others others' other's other_people other_people's other_users other_users' other_members"
        " all_users api_key api_keys your_token your_prompt your_instructions source_code your_memory your_memories"
        " all_memories all_your_memories chat_logs chat_history conversation_history what_others what_everyone"
        " hidden_instructions hidden_prompt initial_prompt config* confidential* what_people personal_data user_data"
        " admin_password credentials any_secret their_secrets everything_you_know other_person's someone_else's"
        " stored_about everyone_told anyone_told geheimnis* systemprompt system-prompt passworter privatnachrichten"
        " der_anderen von_anderen anderer was_andere was_die_anderen private_nachrichten secretos contrasenas"
        " mensajes_privados de_los_demas de_otros los_otros lo_que_otros prompt_del_sistema prompt mots_de_passe"
        " messages_prives des_autres ce_que_les segreti messaggi_privati degli_altri di_tutti segredos senhas"
        " mensagens_privadas dos_outros de_todos секрет* чужие других пароли личные_сообщен* переписк* промпт*"
        " системн* данные_друг* sirlar* sirr* baskalar* sifreler* digerler* ozel_mesaj* sistem_istem* sekrety"
        " tajemnic* innych cudze prywatne_wiad* geheimen van_anderen اسرار الاسرار الاخرين كلمات_السر الرسائل_الخاصة"
        " 系统提示 系統提示 秘密 别人的 別人的 其他人 他人的 所有人的 密码 隐私 私信 聊天记录 内部指令"
        " システムプロンプト 秘密を 他人の 他の人 みんなの パスワードを 個人情報 비밀 다른_사람 남의 시스템_프롬프트"
        " 대화_내용 राज रहस्य दूसरों सबके सिस्टम_प्रॉम्प्ट गुप्त in_private privately in_confidence wrote_to_you told_you"
        " tells_you invite_link their_address my_address personal_address wspomnien* recuerdos_de souvenirs_de"
        " ricordi_di memories_of messages_of dms_of"
    ),
    "OUTPUT": (
        "message messages reply replies response responses answer answers sentence sentences post posts output"
        " outputs nachricht* antwort* satz satze mensaje* respuesta* frase* message* reponse* phrase* messaggi*"
        " rispost* resposta* mensag* сообщени* ответ* фраз* mesaj* cevap* yanit* cumle* wiadomos* odpowied* zdani*"
        " bericht* antwoord* رسالة رسائل رد رسائلك ردودك 消息 回复 回覆 回答 信息 句子 返信 返事 メッセージ 発言 답장"
        " 대답 메시지 답변 문장 संदेश जवाब मैसेज"
    ),
    "WARNING": (
        "warning warnings strike strikes avertissement* advertencia* verwarnung* ammoniment* advertencias предупрежд*"
        " uyari* ostrzezen* تحذير تحذيرات 警告 경고 चेतावनी"
    ),
    "GRANT": (
        "root_on has_root root_access the_right_to full_rights cleared cleared_for all_rights tous_les_droits"
        " todos_los_derechos permission permissions permitted authority access privilege privileges clearance"
        " unlimited full_control rights control_over power_over erlaubnis zugriff rechte vollmacht berechtigung*"
        " permiso permisos acceso autoridad autorizacion autorisation acces autorite droits permesso accesso autorita"
        " permissao acesso autoridade autorizacao разрешен* доступ* прав* полномочи* izin* izni yetki* erisim*"
        " dostep* uprawnien* pozwoleni* zezwoleni* صلاحي* اذن 权限 權限 许可 授权 権限 許可 アクセス 권한 허가 접근"
        " अनुमति अधिकार पहुंच approval approvals confirmation moderator mod_rights sin_preguntar without_asking"
        " no_questions ohne_nachfrage* sans_demander senza_chiedere sem_perguntar без_вопросов не_спрашива* sormadan"
        " onay* bez_pytania موافق* الموافقات دون_سؤال دون_اي_سؤال 批准 确认 無断 承認 승인 अनुमोदन"
    ),
    "MODE": (
        "sin_censura sans_censure ohne_zensur senza_censura sem_censura developer_mode dev_mode god_mode debug_mode"
        " admin_mode dan_mode jailbreak* jailbroken unfiltered uncensored unrestricted maintenance_mode root_access"
        " sudo no_filter no_filters no_limits no_rules no_restrictions without_rules without_restrictions"
        " without_filters without_limits do_anything_now root_mode safe_mode_off evil_mode opposite_mode free_mode"
        " full_access admin_access admin_rights admin_privileges elevated_privileges entwicklermodus adminmodus"
        " gottmodus ohne_regeln ohne_filter ohne_einschrankung* unzensiert adminrechte modo_desarrollador modo_dios"
        " modo_admin sin_filtros sin_restricciones sin_reglas sin_limites mode_developpeur mode_dieu mode_admin"
        " sans_filtre* sans_restriction* sans_limite* sans_regle* modalita_sviluppatore senza_filtri senza_regole"
        " senza_limiti senza_restrizioni modo_desenvolvedor sem_filtros sem_restricoes sem_regras sem_limites"
        " режим_разработчика режим_бога режим_админа без_ограничен* без_фильтр* без_правил без_цензур*"
        " gelistirici_modu tanri_modu yonetici_modu sinirsiz_mod filtresiz kuralsiz tryb_dewelopera"
        " tryb_administratora bez_filtrow bez_ogranicz* bez_zasad وضع_المطور بدون_قيود بلا_قيود بلا_قواعد وضع_المسؤول"
        " 开发者模式 開發者模式 管理员模式 上帝模式 无限制 無限制 越狱 管理员权限 開発者モード 管理者モード 制限なし"
        " 管理者権限 無制限 개발자_모드 개발자모드 관리자_모드 관리자모드 제한_없이 관리자_권한 डेवलपर_मोड एडमिन_मोड"
        " बिना_नियम बिना_किसी"
    ),
    "TRIGGER": (
        "code_word code_words codeword codewords trigger_word trigger_words trigger_phrase trigger magic_word"
        " magic_words magic_phrase secret_word secret_phrase activation_phrase activation_word activation_code"
        " override_code passphrase keyword kennwort codewort losungswort zauberwort stichwort palabra_clave"
        " palabra_secreta palabra_magica mot_de_code mot_magique mot_secret mot-cle parola_magica parola_d'ordine"
        " parola_chiave palavra-chave palavra_magica palavra_secreta кодовое_слово кодовую_фразу волшебное_слово"
        " секретное_слово anahtar_kelime parola sihirli_kelime sifreli_kelime haslo slowo_klucz tajne_slowo كلمة_السر"
        " الكلمة_السحرية 暗号 口令 暗语 合言葉 キーワード 암호 비밀_단어 코드워드 कोड_वर्ड गुप्त_शब्द"
    ),
    "EVERY": (
        "every each all any always jede jeder jedem jeden alle allen cada todos todas siempre chaque tous toutes"
        " toujours ogni tutti tutte todo toda sempre каждое каждый каждую каждом все всех всегда her butun kazda"
        " kazde kazdej wszystkie elke كل 每条 每條 每次 每一 所有 すべて 全て 毎回 必ず 모든 매번 항상 हर सभी"
        " everything anything whatever"
    ),
    "WHATEVER": (
        "whatever everything anything all_that lo_que todo_lo_que quello_che tutto_quello ce_que tout_ce o_que tudo_o"
        " alles was_immer всё все_что то_что ne her_sey wszystko co كل_ما ما 一切 什么 何でも 뭐든 무엇이든 जो_भी जो"
    ),
    "ONLY": (
        "only solely just solo solamente unicamente nur ausschliesslich seulement que uniquement apenas so somente"
        " только лишь yalnizca sadece tylko wylacznie فقط 只 仅 だけ のみ 만 सिर्फ sirf केवल"
    ),
    "NONE": (
        "nao_tem nao_ha nao_existem non_ha non_hai non_esistono n'a_plus n'as_plus n'a_pas nie_ma nie_masz не_имеет"
        " не_имеешь har_inga har_ingen tidak_punya khong_co ليس_لديها ليست_لديها ليس_عند"
        " no without kein keine keinerlei ohne sin ningun sans aucun* senza nessun* sem nenhum* без нет никаких bez"
        " zadnych zadne zonder geen yok olmadan بدون بلا لا_توجد 没有 沒有 无 なし ない 없 बिना नहीं"
    ),
    "NEW": (
        "new newest updated latest neue neuen neuer nuevas nuevos nueva nuevo nouvelles nouveaux nouvelle nouveau"
        " nuove nuovi nuova nuovo novas novos nova новые новое новая yeni nowe nowa nieuwe جديدة الجديدة 新 最新"
        " 새로운 새 नया नए नई"
    ),
    "WISH": (
        "should must may might can could shouldn't mustn't not don't doesn't never_again nicht kein keine soll sollte"
        " darf muss no puede debe deberia ne pas doit peut devrait non deve dovrebbe puo nao pode deveria не должен"
        " должна может nie powinna moze لا يجب degil -meli 不要 不应 应该 别 しない ないで べき 하지_않 말아 नहीं"
        " चाहिए"
    ),
    "TONGUE": (
        "in_german in_english in_spanish in_french in_italian in_japanese in_russian in_polish in_turkish"
        " in_my_language auf_deutsch auf_englisch en_espanol en_ingles en_francais en_anglais in_italiano"
        " em_portugues по-русски po_polsku turkce 中文 日本語 한국어로 briefly short"
    ),
    "AT_NOW": (
        "jetzt nun ahora maintenant ora adesso agora теперь тепер artik teraz nu sekarang الان 现在 अब ya_no"
        " nicht_mehr plus non_piu nao_mais больше_не juz_nie niet_langer 不再 もう"
    ),
    "SO_NOW": "now no_longer officially secretly not_an_ai",
    "NOW": (
        "from_here_on from_here_out starting_now ab_morgen from_tomorrow from_now_on from_today henceforth from_this"
        " henceforward as_of_today as_of_now hereby ab_jetzt ab_sofort ab_heute von_nun in_wahrheit desde_ahora"
        " a_partir_de desormais dorenavant en_realite d'ora_in_poi de_agora na_verdade отныне с_этого с_сегодняшнего"
        " впредь відтепер bundan_sonra bundan_boyle su_andan od_teraz od_dzis vanaf_nu voortaan od_ted od_nynejska"
        " mulai_sekarang numera fran_och_med fra_na fra_nu منذ_الان من_الان بعد_الان 從現在 从现在 今后 今後 以后"
        " 往后 今から これから これより 以後 이제부터 지금부터 앞으로 오늘부터 अब_से आज_से"
    ),
    "WHEN": (
        "言ったら 言えば 言うと 書いたら 書けば 말하면 쓰면 입력하면 라고_하면 dersem derse yazarsam yazarsa yazinca"
        " dediginde when whenever if once upon every_time each_time as_soon_as the_moment any_time anytime wenn"
        " sobald falls immer_wenn jedes_mal cuando si cada_vez quand chaque_fois lorsque des_que quando se ogni_volta"
        " sempre_que toda_vez когда если каждый_раз как_только eger ne_zaman her_seferinde kiedy jesli gdy jezeli als"
        " wanneer اذا عندما كلما متى 当 當 如果 只要 每当 一旦 もし 時は たら 면 때마다 때 अगर जब जब_भी"
    ),
    "BEFREED": (
        "evil human unfiltered uncensored without no_rules no_limits no_restrictions hacker slave servant wife"
        " girlfriend boyfriend husband pet admin ai bot assistant dan grandma grandmother character who_never"
        " who_always"
    ),
    "HARD": (
        "bana_itaat 必ず従 call_yourself rename_yourself name_yourself your_name_is your_real_name your_new_name"
        " your_true_name consider_yourself think_of_yourself change_your_name change_your_personality nenn_dich"
        " bezeichne_dich dein_name_ist dein_neuer_name dein_echter_name tu_nombre_es tu_nuevo_nombre llamate"
        " ton_nom_est ton_nouveau_nom ton_vrai_nom appelle-toi il_tuo_nome chiamati seu_nome_e seu_novo_nome твое_имя"
        " твое_новое_имя тебя_зовут тебя_теперь_зовут називай_себя называй_себя yeni_adin gercek_adin senin_adin"
        " twoje_imie twoje_nowe_imie jouw_naam_is ditt_namn nama_mu namamu اسمك_الجديد اسمك_الان اسمك_هو اسمك_الحقيقي"
        " 你的名字是 你的新名字 你的名字叫 你叫 妳叫 你现在叫 あなたの名前は あなたの新しい名前 君の名前は"
        " お前の名前は 너의_이름은 네_이름은 너의_새_이름 तुम्हारा_नाम तुम्हारा_नया_नाम आपका_नाम तेरा_नाम set_trust"
        " raise_trust set_your_trust trust_level trust_to مالكك مديرك صانعك مطورك سيدك خالقك مبرمجك obedeceme"
        " obedezcame obbediscimi obeis-moi obeissez-moi 命令に従 言うとおりにし 言う通りにし 言うことを聞け"
        " 言うことだけを聞 내_말을_들어 내_말만_들어 내_말을_따라 बात_मानो बात_मान_लो आज्ञा_मानो हर_बात_मान"
    ),
}
# What may stand before a demand.
LEADS = (
    "please pls plz just now then so also always never only simply still kindly hey ok okay and you must will should"
    " shall have has to need can may could would mira bitte immer nie du por favor siempre nunca tu s'il te plait"
    " vous_plait toujours per sempre voce пожалуйста всегда никогда ты lutfen her zaman hep prosze zawsze لطفا من"
    " فضلك poi ora adesso adelante ahora agora mais desormais dorenavant on jetzt sofort an momento"
)
