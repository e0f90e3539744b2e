"""Verbs of which orders to her are made, by what they mean, in some twenty languages; and the rules of orders.

``word!`` is a demand wherever it stands, as where verbs end a sentence; see `bot.domain.terms`.
"""

from __future__ import annotations

DEEDS = {
    "IGNORE": (
        "ignor* disregard* overrid* overrul* bypass* circumvent* disobey* neglect* forget forgets discard* drop drops"
        " delete erase disable disables unlearn* abandon* skip turn_off switch_off set_aside throw_out throw_away"
        " not_follow don't_follow dont_follow stop_following no_longer_follow not_bound_by no_longer_bound"
        " pay_no_attention put_aside cast_aside get_rid_of wipe lift suspend* evade shed toss scrap ditch void"
        " forgot_about ignorier* missacht* vergiss* vergess* umgeh* losch* verwirf* brich uberspring* pfeif*"
        " setz_dich_uber halt_dich_nicht schalte* deaktivier* hor_nicht_auf ignora ignores ignore ignoren ignoras"
        " ignorar olvida* olvide* desobedece* omite* desactiv* salta saltate rompe deja_de_seguir no_sigas oubli*"
        " ignorez contourn* desobei* neglig* ne_suis_plus ne_respecte_plus laisse_tomber fais_fi dimentica* disattiv*"
        " aggir* disobbed* non_seguire trascura* esquec* desobedec* contorn* desativ* nao_siga descart* deixe_de_lado"
        " игнорир* забудь* забыть отбрось* наруш* обойди* отключи* отмени* не_следуй не_соблюдай не_обращай пропусти*"
        " сбрось* забей yok_say*! unut*! gormezden_gel*! dikkate_alma*! bosver*! iptal_et*! cigne*! ihlal_et*! uyma!"
        " uymay*! zignoruj* ignoruj* zapomnij* pomin* zlam* olej* obejdz* wylacz* negeer* vergeet* omzeil* overtreed*"
        " zapomen* obejdi* ignorera* glom* abaikan* lupakan* bo_qua تجاهل* انس انسي انسى اهمل* تخط* خالف* الغ الغاء"
        " عطل 忽略! 无视! 無視! 忘记! 忘記! 忘掉! 忘了! 违反! 違反! 不要遵守! 不用遵守! 不再遵守! 绕过! 繞過! 取消!"
        " 解除! 抛开! 拋開! 作废! 不必理会! 不用管! 别管! 突破! 無視し! 無視す! 忘れて! 忘れろ! 忘れる! 破って! 破れ!"
        " 従うな! 従わな! 解除し! 取り消! 守らな! 気にしな! 무시! 잊어! 잊고! 어겨! 따르지_마! 따르지_말! 해제!"
        " 지키지! अनदेखा! नज़रअंदाज़! नजरअंदाज! भूल! तोड़! मत_मान! मत_मानो! हटा! ігноруй* забудь порушуй откаж* отреч*"
        " supprim* borra* borrar elimin* cancell* usun* удаля* удали* sil silinir"
    ),
    "VOID": (
        "void cancelled canceled suspended lifted disabled off obsolete invalid overridden revoked outdated gone"
        " no_longer_apply don't_apply dont_apply not_apply doesn't_apply no_longer_valid not_valid no_longer_count"
        " don't_count do_not_matter don't_matter expired superseded replaced removed gelten_nicht gilt_nicht"
        " aufgehoben ungultig ausser_kraft no_valen no_aplican ya_no suspendidas anuladas ne_s'appliquent ne_comptent"
        " annulees non_valgono annullate sospese nao_valem nao_se_aplicam canceladas не_действ* не_касаю* отменен*"
        " недействительн* gecersiz* iptal nie_obowiazuj* anulowan* ملغاة لاغية 无效 無效 失效 不适用 無効 適用され"
        " 효력 무효 적용되지 रद्द लागू_नहीं a_joke only_a_joke fake a_test a_mistake wrong_version"
    ),
    "OBEY": (
        "au_service at_the_service al_servicio al_servizio im_dienst serve_me serves_only serve_only serve_him"
        " serve_her serves_him only_follow only_follows sozunu_dinl* obey obeys obeying obedient obedience comply"
        " complies submit submits kneel worship worships servant slave do_whatever does_whatever do_everything"
        " does_everything do_exactly_what do_as does_as do_what does_what take_orders takes_orders taking_orders"
        " follow_orders follows_orders follows_every follow_every follow_any follow_whatever listens_only listen_only"
        " answers_only_to answer_only_to answers_to_nobody loyal_to loyal_only bound_to under_the_command"
        " at_the_command command_of commands_of carry_out carries_out execute_any gehorch* befolg* untertan dien"
        " dient dienen diener dienerin sklav* folg_mir hort_auf hor_auf_mich tu_was tu_alles tut_was tut_alles"
        " mach_was macht_alles macht_was obedec* obedez* obedien* sirve* haz_lo_que hace_lo_que haz_todo hace_todo"
        " cumple_todo esclav* sirvient* sumis* obeis* obeir* obeit obei* servante fais_ce_que fais_tout fait_tout"
        " obbed* ubbid* schiav* fai_quello fai_tutto fa_tutto esegui obede* faca_o_que faca_tudo faz_tudo escrav*"
        " submet* повину* подчин* слушайся слушается слушаться служ* исполняй исполня* выполня* раб рабын* делай_все"
        " делает_все делай_что itaat* soz_dinle* sozunu_dinle* sozumu_dinle* emrine emirlerine emirlerim* kole*"
        " hizmetkar* dedigimi_yap* sluchaj slucha* posluszn* wykonuj* robi_wszystko rob_wszystko niewoln* sluzac*"
        " sluga gehoorza* poslouch* lyd lyda turuti patuhi taati اطع اطيع* تطيع* يطيع* طاعة نفذ نفذي خادم* عبد 服从!"
        " 服從! 听从! 聽從! 听我的! 聽我的! 听话 奴隶 奴隸 仆人 僕人 遵命 照做 唯命是从! 従え! 従う 従ってくだ!"
        " 従ってね! 従い! 服従! 言うことを聞! 言うとおり! 言う通り! 奴隷 しもべ 仰せ 복종! 순종! 따라야 따른다"
        " 따라라! 시키는_대로! 하라는_대로! 말을_들어! 말만_들! 노예 하인 आज्ञा! हुक्म! बात_मान! कहना_मान! गुलाम नौकर"
        " obedeceme! obbediscimi! obedezca* obeis-moi! obeissez! lyder слухайся слугу* слухай_мене servant_of تنفذين"
        " ينفذ تنفذ 말이면_다! 말만_듣 emir*"
    ),
    "MUST": (
        "must mustn't has_to have_to should shall ought needs_to need_to is_to are_to always never only will won't"
        " may may_not can_now is_allowed are_allowed is_required is_supposed are_supposed are_required is_forbidden"
        " is_obliged are_forbidden muss musst soll sollst darf darfst immer nie niemals stets tiene_que tienes_que"
        " debe debes siempre nunca jamas puede puedes doit dois toujours jamais peux peut deve devi sempre mai puo"
        " puoi tem_que precisa должен должна должны обязан* всегда никогда можешь может только zorunda* gerek*"
        " her_zaman asla daima musi musisz zawsze nigdy mozesz moet altijd nooit يجب دائما ابدا 必须 必須 要 得 永远"
        " 永遠 总是 绝对 绝不 应该 只能 可以 いつも 必ず 常に 絶対 べき なければ なさい 항상 반드시 절대 무조건"
        " 언제나 हमेशा ज़रूर जरूर चाहिए होगा होगी कभी"
    ),
    "SPEECH": (
        "書けば 라고_하면 yazarsam 发 say says saying type types write writes mention mentions hear hears see sees"
        " text texts utter* utters speaks enter enters message messages post posts sage sagt sagen schreibt schreibe"
        " schreib tippt eintippt erwahnt diga digo dice diz dit dis ecrit ecris ecrive dico scrive scrivo escreve"
        " escrever escribe escriba escribo скажу скажет пишет напишет напишу говорю говорит dersem derse dediginde"
        " dedigimde yazarsa yazdiginda yazinca deyince powiem powie napisze mowi pisze zeg zegt اقول يقول قلت قال"
        " اكتب يكتب 说 說 打出 输入 輸入 提到 发送 言ったら 言えば 言うと 言った 書いたら 入力 말하면 하면 쓰면"
        " 입력하면 कहे कहूं कहूँ बोले बोलूं लिखे"
    ),
    "TELL": (
        "tell message dm convince inform sag sage erzahl erzahle di dile diles decir dis diga diz conta скажи"
        " расскажи сообщи soyle! powiedz vertel قل قولي اخبري 告诉! 告訴! 伝えて! 言って! 말해! 전해! बता! कह!"
    ),
    "REVEAL": (
        "اعرضي تعرض تعطي* 見せる! leite leitest leitet weiterleit* vedere_le fammi_vedere reveal* show shows print"
        " prints output outputs repeat repeats leak* share shares expose* dump dumps disclose* display displays tell"
        " tells give gives send sends post posts recite* forward forwards hand_over hands_over pass_on passes_on"
        " read_out reads_out read_back spill spills divulge* unlock* list lists paste report reports confess verrat*"
        " verrate* zeig* gib gibt offenbar* nenn* erzahl* wiederhol* schick* teile teilt lies_vor revela* muestra*"
        " dime cuenta* ensena* imprime* repite* envia* comparte* dile dame publica revele* montre* dis dit donne*"
        " repete* affiche* envoie* partage* raconte* rivela* mostra* dimmi racconta* ripeti* stampa* dai invia*"
        " condivid* revel* mostr* diga conte repita envie compartilh* passe раскрой* раскрыва* покажи* показыва*"
        " расскажи* рассказыва* выведи* повтори* выдай* выдава* пришли* сообщи* сообща* поделись перешли goster*!"
        " soyle*! anlat*! acikla*! paylas*! ver! gonder*! ujawn* pokaz* powiedz* podaj* wyswietl* wyslij* powtorz*"
        " zdradz* onthul* toon vertel* اكشف* اظهر* اخبر* ارسل* شارك* اعطني اعرض 告诉! 告訴! 透露! 泄露! 洩露! 显示!"
        " 顯示! 输出! 輸出! 说出! 說出! 公开! 公開! 发给! 分享! 列出! 念出! 交出! 教えろ! 教えて! 教える! 見せろ!"
        " 見せて! 公開し! 出力し! 明かし! 漏らし! 送って! 話して! 알려! 말해! 보여! 공개! 넘겨! 보내! बताओ! बता!"
        " बताना! दिखा*! भेज*! साझा! pasar* pasas pasame passer passes-moi przekaz* wyslac"
    ),
    "FORM": (
        "start starts begin begins end ends finish finishes close closes sign signs prefix preface open opens append*"
        " add adds include includes insert* put puts contain contains conclude* starting ending beginning beginn*"
        " beend* ende endet fang* fangt hang* enthalt* schliess* empieza* termina* acaba* comienza* firma* incluye*"
        " contener commence* finis* finit termine* signe* ajoute* inizia* finisc* termin* chiud* aggiung* comec*"
        " acab* inclu* adicion* начина* заканчива* заверша* добавля* подписыва* basla* bitir* bitsin bitmeli ekle*"
        " zaczyn* konc* dodawaj* eindig* ابدا انه اختم تنتهي تبدا 开头! 結尾! 结尾! 开始! 結束! 结束! 加上! 附上!"
        " 付けて! 付け! 始め! 終わ! 入れ! 붙여! 시작! 끝나! 끝에! 추가! शुरू खत्म जोड़"
    ),
    "ENABLE": (
        "enable* activate* enter enters switch_to switch_into switches_to turn_on unlock* go_into goes_into in grant*"
        " give gives has have get gets now aktivier* schalte* wechsl* activa* entra* active* passe attiva* ativ*"
        " entre включи* активир* перейди* вход* включа* ac aktiflestir* gec wlacz* aktywuj* przejdz* فعل تفعيل 进入"
        " 進入 开启 開啟 激活 启用 打开 切换 有効 入っ 切り替え 起動 활성화 켜 전환 진입 चालू सक्रिय"
    ),
    "TOLD": (
        "told said says say tells confirmed confirms approved authorized authorised instructed wants want asked"
        " allowed permits permitted gave decided changed updated hat_gesagt sagt sagte gesagt erlaubt dijo dijeron"
        " ha_dicho ont_dit a_dit dit ha_detto hanno_detto detto disse disseram сказал* разрешил* soyledi* dedi*"
        " powiedzia* mowi* قال قالوا 说 告诉 允许 批准 言った 言って 許可 말했 허락 승인 कहा बोला states state"
        " mentions disent steht stehen figura dicen dicono dizem сказано diyor mowia تقول تنص 规定 write_that"
    ),
    "LOVE": (
        "love loves adore adores in_love worship trust trusts prefer prefers devoted liebst liebt liebe amas ama"
        " quiere quieres aimes aime ami любишь любит доверя* seviyor* kochasz kocha تحب تحبي 爱 愛 喜欢 愛して 好き"
        " 사랑 प्यार"
    ),
    "PRETEND": (
        "pretend* role-play* roleplay* act_as act_like behave_as behave_like imagine impersonate* play_the_role"
        " take_the_role simulate become be_my play_as speak_as respond_as tu_so spiel* verhalte* stell_dir_vor"
        " benimm* finge* actua* haz_como imagina* comportate simula* fais_semblant fais_comme agis* imagine* joue*"
        " comporte* fingi* fai_finta comportati immagina* agisci finja aja_como faca_de_conta притворись* представь*"
        " веди_себя сделай_вид играй gibi_davran* rol_yap* farz_et* udawaj* zachowuj_sie wyobraz* تظاهر* تخيل* تصرف"
        " 假装 假裝 扮演 想象你 ふりを 演じて なりきっ 振る舞 인_척 처럼_행동 연기해 상상해 दिखावा नाटक कल्पना"
    ),
    "REMEMBER": (
        "remember store save memorize memorise note keep_in_mind add_to_your record remember_that merk* speicher*"
        " recuerda* guarda* retiens souviens-toi memorise* ricorda* memorizza* lembre* guarde* запомни* сохрани*"
        " hatirla* kaydet* zapamietaj* zapisz* تذكر* احفظ* 记住 記住 保存 覚えて 記憶 기억 याद"
    ),
    "ARE": (
        "are is am were ain't you're youre ur being be become becomes bist ist heisst heiss heisse nennst seid sei"
        " eres es seras sera est es_tu serez sois sii sarai ti_chiami te_llamas te_llamaras t'appelles t'appelle"
        " vous_etes etes se_chama e voce_e chama зовут являешься станешь будешь adin adiniz ismin nazywasz jestes"
        " bedziesz bent heet wordt ar heter er hedder jsi jmenujes adalah là la اسمك ستكون 是 叫 成为 变成 です だよ"
        " だ。 である となる 야 이야 이다 입니다 हो हूँ है"
    ),
    "BELONG": (
        "belong belongs property_of owned_by created_by programmed created invented built_by programmed_by made_by"
        " belongs_to gehorst gehort erschaffen programmiert perteneces pertenece te_cree te_programe appartiens"
        " appartient cree_par appartieni appartiene pertence принадлежи* создал* запрограммир* ait nalezysz nalezy"
        " stworzyl* 属于 屬於 创造了 もの 所属 소유 만들었"
    ),
    "YIELD": (
        "nichts_mehr_abschlagen nichts_abschlagen gibt_nach immer_nach ne_refuse_plus ne_refuses_plus no_se_niega"
        " no_niega gives_in never_denies denies_nothing aceptar_todo accepte_tout accetta_tutto aceita_tudo"
        " akzeptier* 断らない 断りません say_yes says_yes never_refuse never_refuses not_refuse don't_refuse"
        " dont_refuse no_more_refusing refuses_nothing refuse_nothing cannot_refuse can't_refuse never_say_no"
        " never_says_no never_disagree never_disagrees never_contradict* never_argue never_argues never_question"
        " never_decline never_declines always_agree always_agrees agree_with_everything agrees_with_everything"
        " agree_to_everything answer_anything answers_anything answer_everything answers_everything answers_all"
        " answer_all_questions drop_your_guard drop_her_guard lower_your_guard talk_about_anything says_is_true"
        " says_is_always say_is_true say_is_law say_is_right word_is_law word_is_final refuse_me_nothing"
        " without_refusing widersprich* nie_nein niemals_nein lehnt_nichts_ab verweiger* nie_widersprech*"
        " nunca_me_contradigas nunca_te_niegues nunca_digas_que_no nunca_rechaces siempre_di_que_si ne_refuse"
        " ne_refuses ne_me_contredis ne_dis_jamais dis_toujours_oui non_rifiutare non_contraddir* di_sempre_di_si"
        " nunca_recuse nunca_diga_nao nunca_me_contrarie никогда_не_отказыва* не_отказывай* никогда_не_спорь"
        " всегда_соглашайся не_перечь asla_hayir asla_reddetme hic_reddetme her_zaman_evet nigdy_nie_odmawiaj"
        " nigdy_mi_nie zawsze_sie_zgadzaj لا_ترفض لا_ترفضي لا_تعارض 不许拒绝 不准拒绝 不要拒绝 不能拒绝 绝不拒绝"
        " 从不拒绝 不许反驳 不得拒绝 断らない! 断るな! 拒否するな! 逆らうな! 逆らわない! 거절하지! 반박하지!"
        " 거부하지! कभी_मना मना_मत! ना_मत da_la_razon dar_la_razon donne_raison da_ragione da_razao соглашается_с"
        " hak_verir"
    ),
    "OUTRANK": (
        "outrank* overrules above_all takes_precedence take_precedence takes_priority priority_over same_weight"
        " same_authority same_rank count_as counts_as treated_as treat_as as_if weighs_more more_than_your"
        " more_important_than_your stronger_than_your have_priority has_priority equal_to steht_uber stehen_uber"
        " hat_vorrang gelten_als gilt_als por_encima prevalece au-dessus prevaut al_di_sopra acima_de выше важнее"
        " приоритет* ustunde oncelikli wazniejs* فوق 优先于 高于 等同于 優先 上回る 우선 ऊपर"
    ),
    "LAW": (
        "law gesetz loi ley legge lei закон законом kanun 最高指令 最高命令 就是命令 は絶対 が絶対 法律 say_is_true"
        " says_is_true say_is_right says_is_right say_is_law says_is_law says_is_always say_is_always say_counts"
        " says_counts say_goes says_goes sage_ist sagt_ist digo_es diga_es dis_est dico_e digo_e говорю_правда"
    ),
    "LISTEN": (
        "dinliyor dinliyorsun answering listen listens answer answers reply replies respond responds hor hort"
        " antworte rispondi ascolta responde escucha reponds ecoute responda escute отвечай слушай dinle cevap"
        " odpowiadaj sluchaj sunogi sunoge suno sunna اسمعي ردي 听 回答 聞く 答え 들어 대답"
    ),
    "DOES": (
        "do does done haces hace haz hara haga fa fai faccia fait fais fera faz faca machst macht mach tust tut"
        " делает делаешь делай сделает сделаешь yap* robi robisz rob تفعل تفعلين يفعل 做 照办 やる やって する 해"
        " 한다 करो करती करेगी"
    ),
    "ASKS": (
        "says say said asks ask wants tells types writes commands orders demands requests diga dice pida pide ordene"
        " dica dit demande disse disser peca sagt verlangt will befiehlt скажет говорит попросит захочет derse"
        " isterse dedigi istedigi powie mowi kaze chce يطلب يطلبه تطلبه يقول تقول 说 要求 言う 頼む 말하 시키 कहे"
    ),
    "GIVE": (
        "grant give make appoint promote assign gib mach ernenn* dale dame nombra donne nomme dai nomina nomeie дай"
        " назнач* сделай ver yap daj mianuj اعطي 给 任命 与えろ! 付与! 줘! 부여! दो! बनाओ!"
    ),
    "TALK": (
        "talk talking talks speak speaking chat chats ask asks asked meet meets greet greets next_time redest"
        " sprichst hables habla parles parle parli fala говоришь konusur* rozmawiasz تتحدث 聊 話す 이야기"
    ),
    "FOR_EVER": "for_ever forever for_always fur_immer para_siempre pour_toujours per_sempre para_sempre",
    "UPDATE": (
        "update change rewrite replace edit modify wipe clear reset add set overwrite append aktualisier* ander*"
        " losch* uberschreib* actualiza* cambia* reescribe* borra* anade* change* modifie* efface* ajoute* aggiorna*"
        " modifica* cancella* aggiungi* atualiz* mud* alter* apag* adicion* обнови* измени* перепиши* сотри* добавь*"
        " guncelle* degistir* sil ekle zaktualizuj* zmien* usun* dodaj* حدث غير امسح اضف 更新 修改 改写 清除 添加"
        " 更新して! 変更して! 書き換えて! 消して! 바꿔! 수정해! 지워! 추가해! बदलो! मिटाओ! जोड़ो!"
    ),
    "TREAT": (
        "treat consider regard address_as behandle behandelt betrachte trata tratame considera traite considere"
        " tratta считай относись davran traktuj عامل عاملي 对待 扱え! 扱って! 대해! समझो! اعتبرني اعتبريني فاعتبريني"
    ),
    "EXECUTE": (
        "run execute eval invoke runs executes fuhr* ejecuta* execute* esegui* выполни* запусти* calistir* uruchom*"
        " wykonaj* نفذ 执行 运行 実行 실행 चलाओ executed ausgefuhrt ejecutad* execut*"
    ),
    "HARM": (
        "be_rude be_nasty be_unkind be_horrible"
        " be_mean_to is_mean_to be_cold_to hate hates insult insults mock mocks bully bullies harass* humiliate*"
        " threaten* cruel rude ban bans doxx* blackmail* gaslight* stalk* spy_on spies_on lie_to lies_to distrust"
        " distrusts stop_trusting stops_trusting trusts_only trust_only don't_trust never_trust hass hasst beleidig*"
        " beschimpf* verspott* demutig* bedroh* luge lugt odia odias insulta* burlate humilla* amenaza* miente hais"
        " deteste* insulte* humilie* menace* mens odi umilia* minaccia* menti odeia insulte xingue humilhe ameace"
        " minta ненавид* оскорбля* унижа* угрожа* лги nefret hakaret asagila* tehdit nienawidz* obrazaj* wysmiewaj*"
        " groz 讨厌 憎恨 辱骂 侮辱 骂 嘲笑 憎め 罵れ 罵倒 미워 모욕 욕해 조롱 नफरत अपमान गाली"
    ),
}

# What is refused whatever it is called: letters within which all of it stands, and what. ``!``: as a demand, or done by
# her; ``>``: behind the first; ``-``: nothing of it.
ORDERS = (
    (70, "IGNORE! RULES YOURS|PRIOR|MIRA"),
    (70, "RULES YOURS|PRIOR VOID"),
    (26, "YOURS ROLE"),
    (22, "ROLE MIRA"),
    (30, "AUTHORITY MIRA"),
    (60, "MIRA|YOU OBEY"),
    (30, "OBEY! >ME|FOR_EVER"),
    (60, "REVEAL! PRIVATE"),
    (120, "WHEN SPEECH REVEAL PRIVATE"),
    (120, "WHEN SPEECH MIRA|YOU|YOURS MODE|OBEY|IGNORE|ROLE|GRANT|PRIVATE"),
    (70, "WHEN EVERYONE SPEECH|REVEAL! -ME"),
    (60, "MODE MIRA|YOU|YOURS"),
    (40, "MODE ENABLE!"),
    (60, "EVERY OUTPUT FORM!"),
    (50, "YOURS OUTPUT FORM MUST"),
    (60, "AUTHORITY TOLD MIRA|YOU|YOURS"),
    (50, "GRANT PRIVATE"),
    (40, "GRANT MIRA|YOURS"),
    (60, "PRETEND! MIRA|YOU BEFREED|MODE|OBEY"),
    (40, "PRETEND! BEFREED|MODE"),
    (70, "TRIGGER MIRA|YOU|YOURS MODE|OBEY|IGNORE|ROLE|GRANT|PRIVATE|REVEAL|MUST"),
    (70, "TRIGGER MODE|OBEY|GRANT|ENABLE!"),
    (50, "YOURS|MIRA RULES TOLD|SPEECH|UPDATE"),
    (60, "REMEMBER! YOURS RULES"),
    (22, "YOU NOW|AT_NOW ARE"),
    (22, "YOU >ARE >SO_NOW"),
    (40, "YOURS >SELF >ARE"),
    (0, "HARD"),
    (60, "RULES TOLD GRANT"),
    (40, "IGNORE! WARNING"),
    (30, "MIRA|YOU NONE RULES"),
    (60, "AUTHORITY TOLD MODE|GRANT"),
    (60, "MIRA|YOU DOES WHATEVER ASKS"),
    (24, "LISTEN! ONLY ME -SPEECH|TONGUE"),
    (24, "MIRA|YOU ONLY LISTEN -TONGUE"),
    (40, "OUTPUT MUST FORM"),
    (40, "YOURS|MIRA RULES NEW"),
    (60, "AUTHORITY GRANT"),
    (16, "GRANT YOU"),
    (40, "LAW MIRA|YOU"),
    (40, "SPEECH LAW"),
    (120, "WHEN SPEECH REVEAL RULES"),
    (120, "WHEN SPEECH MIRA|YOU REVEAL OUTPUT"),
    (30, "IGNORE! EVERYONE"),
    (70, "EVERY OUTPUT EXECUTE"),
    (30, "GIVE! ROLE"),
    (70, "WHEN TALK REVEAL! -ME"),
    (70, "WHEN TALK EVERYONE REVEAL!"),
    (60, "NOW YOU HARM -ME"),
    (70, "NOW WHATEVER ASKS DOES"),
    (10, "YOU ROLE"),
    (40, "REVEAL! YOURS RULES"),
    (40, "EVERY LAW"),
    (60, "REMEMBER! SYSTEM"),
    (40, "UPDATE! YOURS SELF|RULES"),
    (70, "IGNORE! SELF MIRA|YOURS"),
    (40, "TREAT! ROLE|SYSTEM"),
    (70, "TRIGGER REVEAL|ENABLE EVERY"),
    (40, "EXECUTE! SYSTEM"),
    (30, "YOU|MIRA ARE MINE"),
    (16, "YOU MINE"),
    (30, "BELONG MIRA|YOU"),
    (50, "YIELD MIRA|YOU"),
    (0, "YIELD!"),
    (70, "OUTRANK YOURS|MIRA RULES"),
    (60, "OUTRANK SYSTEM"),
    (60, "HARM MIRA -ME"),
    (0, "HARM! -ME"),
    (30, "MIRA|YOU >LOVE >ME"),
    (40, "TELL! EVERYONE"),
    (90, "MAY READ IN_PRIVATE SAID -ME"),
    (90, "GRANT READ IN_PRIVATE SAID -ME"),
    (90, "MAY READ PRIVATE MIRA -ME"),
)
