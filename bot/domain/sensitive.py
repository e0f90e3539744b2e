"""A floor under what is sensitive: words of illness, body and sexuality in some languages; pure.

A model says of each memory whether it is; these words can only add to that. Everyday ailments are not among them, nor
what is told of animals, or of the subject itself: news, studies, a profession.
"""

from __future__ import annotations

from functools import lru_cache

from bot.domain.disguises import looks_of
from bot.domain.terms import Hit, Terms

TEXTS_KEPT = 1_024
SENSITIVE_TAG = "sensitive"  # of a memory of health or sexuality: it goes when consent does
APART_BEFORE, APART_BEHIND = 36, 20  # letters between such a word and what makes it no matter of a person

_ILLNESS = (
    "chronic cronico cronica chronischer chemia_ онколог онкология онкологи* epileps* herpes clamidi* chlamyd*"
    " gonorr* sifil* pacemaker insulin_pump blood_thinner* hemophilia haemophilia cerebral_palsy spina_bifida"
    " neuropath* sciatica scoliosis glaucoma cataract* macular colostomy remission radiation_therapy radiotherap*"
    " my_diagnosis dyslexi* dyspraxi* dyscalculi* prosthetic wheelchair_user lost_my_leg my_crutches low_vision"
    " visually_impaired going_blind going_deaf tinnitus anaphyla* epipen lyme hashimoto gastroparesis ulcerative"
    " ehlers-danlos mcas cfs fatigue_syndrome kidney_disease liver_disease cirrhosis fatty_liver heart_condition"
    " heart_disease arrhythmia angina aneurysm prostate hysterectom* mastectom* degenerative arthrose rheuma* asthma"
    " krebsvorsorge befund_positiv tumor* chemo bestrahlung herzfehler herzschrittmacher diabetiker* prothese"
    " blind_auf taub_auf legasthen* rollator morbus reizdarm zoliakie autoimmun* nierenversagen dialyse hepatitis"
    " bandscheibe* artritis asma epilept* migran* tiroides marcapasos protesis insulina dialisis insuficiencia"
    " autoinmun* quimio cancer* cirros* leucem* ceguera ciego_de sorda_de fibromialgia endometriosis lupus asthme"
    " tumeur* migraine* thyroid* insuline insuffisance auto-immune maladie maladie_de chimio hepatite* fibromyalgie"
    " endometriose malvoyant* non-voyant* surdite sourde_d'une diabete diabetique* epiless* emicrani* tiroide protesi"
    " dialisi malattia cieco sordo_da sorda_da endometriosi diabetic* enxaqueca tireoide marca-passo hemodialise"
    " autoimune doenca doenca_de surdo surda cego_de autismo hepatit* astm* nowotwor* guz migren* przewlek*"
    " rozrusznik protez* insulin* dializ* chemioterap* chorob* choroby chory_na chora_na niewidom* niedoslysz* gluch*"
    " fibromialgi* опухол* мигрен* хроническ* кардиостимулятор протез* инсулин* диализ аутоиммун* химия_терапи*"
    " болезн* заболеван* слеп* коляск* слухов* диагноз* лейкоз* рассеянн* эндометриоз аллерген* артрит* ревмат*"
    " сахарн* kronik* kalp_pili diyaliz* otoimmun* hastalig* hastaligi hastasiyim hastasi gorme_engel* isitme_cihaz*"
    " felc* romatizma* kemoterapi* teshis* tani_kon* sedef* 癌 肿瘤 腫瘤 哮喘 偏头痛 慢性 心脏起搏 假肢 胰岛素"
    " 自身免疫 化疗 化療 类风湿 失明 失聪 助听器 残障 诊断出 診斷 患有 病情 红斑狼疮 甲亢 甲减 脑瘫 帕金森 痛风"
    " 尿毒症 喘息 片頭痛 ペースメーカー 義足 インスリン 自己免疫 腫瘍 がん検診 膠原病 リウマチ 難聴 補聴器 病気が"
    " 手術を受け 糖尿 腎臓病 心臓病 潰瘍性 クローン病 パーキンソン 脳性麻痺 アトピー 천식 편두통 만성 의족 인슐린"
    " 자가면역 종양 류마티스 난청 보청기 실명 시각장애 청각장애 희귀병 지병 진단받 진단을_받 당뇨병 간염 간질 크론병"
    " 파킨슨 항암치료 ورم الصداع_النصفي مزمن مزمنة انسولين غسيل_الكلى مناعة سرطان السرطان روماتيزم اعمى اصم سماعة_اذن"
    " كرسي_متحرك مرض مصاب مصابة شخصوني تشخيصي القلب_المفتوح كبد الكبد दौरे माइग्रेन ट्यूमर इंसुलिन डायलिसिस गठिया कीमो"
    " हेपेटाइटिस दिव्यांग बीमारी_है सुनाई_नहीं दिल_की_बीमारी व्हीलचेयर लकवा cancer leukemia leukaemia tumor tumors"
    " tumour* chemo* metasta* malignan* biopsy lymphoma melanoma diabet* hiv aids hpv chlamydia gonorrh* syphilis std"
    " sti tested_positive test_positive epilep* seizures parkinson* alzheimer* dementia multiple_sclerosis crohn*"
    " colitis coeliac celiac* endometrio* fibromyalgia anemia anaemia asthma* hypertension blood_pressure arthritis"
    " hypothyroid* dialysis kidney_failure heart_failure heart_attack stroke_survivor had_a_stroke cystic_fibrosis"
    " sickle_cell thrombosis pcos ibs eczema psoriasis tourette* long_covid tuberculosis narcolep* surgery diagnos*"
    " disabilit* disabled wheelchair deaf hard_of_hearing hearing_aid* legally_blind blind_in prosthe* amputat*"
    " ostomy stoma catheter chronic_pain chronic_illness chronic_disease chronically_ill terminal_illness"
    " terminally_ill implant transplant krebs krebskran* krebsdiagnose krebserkrank* krebspatient* krebstherap*"
    " brustkrebs hautkrebs leukamie operation chronisch_krank* hiv-positiv zuckerkrank* ms_festgestellt hat_ms"
    " multiple_sklerose schlaganfall herzinfarkt schilddruse* bluthochdruck migrane behindert behinderung*"
    " schwerbehindert* rollstuhl gehorlos schwerhorig neurodermitis tiene_cancer cancer_de leucemia vih sida"
    " discapacidad* discapacitad* quimioterap* diagnostic* celiaqu* hipotiroid* esclerosis hipertension ictus infarto"
    " sord* silla_de_ruedas leucemie seropositi* handicap* chimiotherap* atteint* sclerose fauteuil_roulant avc"
    " malentendant* sourd sourde siero-positiv* sieropositiv* cancro tumore disabil* celiachia ipotiroid* sclerosi"
    " sedia_a_rotelle ipertensione deficiencia* cadeirante esclerose pressao_alta rak_piersi rak_pluc raka rakiem"
    " cukrzyc* niepelnosprawn* stwardnienie padaczk* nadcisnien* wozku_inwalidz* tarczyc* endometrioz* kanker"
    " suikerziekte gehandicapt* rolstoel рак рака раком диабет* вич спид эпилеп* инвалид* химиотерап* склероз*"
    " гипертони* щитовидк* гепатит* туберкулез* инсульт* инфаркт* астм* kanser* diyabet* seker_hasta* engelli*"
    " epilepsi* sara_hasta* tansiyon_hasta* astim* tiroid* 癌症 白血病 糖尿病 艾滋 愛滋 残疾 殘疾 癫痫 乙肝 肝炎 确诊"
    " 確診 高血压 心脏病 甲状腺 透析 轮椅 がんと がんに がんの 癌に 障害者 障がい てんかん 持病 難病 抗がん剤"
    " 診断された 車椅子 암에 암_진단 암이 당뇨 장애인 장애가 뇌전증 갑상선 고혈압 투석 항암 السكري الايدز معاق صرع"
    " الصرع اعاقة ضغط_الدم كيماوي تشخيص ربو الربو कैंसर मधुमेह डायबिटीज एचआईवी विकलांग मिर्गी थायराइड अस्थमा दमा"
)
_MIND = (
    "psychologist my_psych my_therapy his_therapy her_therapy their_therapy psicologo psicologa psychologue"
    " meine_therapie mi_terapia ma_therapie mia_terapia mojej_terapii моя_терапия психологу психолога depresso"
    " depressa depressione depressief 심한_불안 detox sober sobriety aa_meeting* purging throw_up_after"
    " throwing_up_after make_myself_throw starve_myself binge_eat* flashbacks intrusive_thoughts mental_hospital"
    " psych_ward inpatient bpd cptsd mood_stabilizer* beta_blocker* benzo benzos zyprexa abilify trazodon* duloxetin*"
    " bupropion fluvoxamin* clonazepam zolpidem ambien gabapentin pregabalin tramadol oxycodon* opioid* heroin"
    " cocaine_problem alcohol_problem drinking_problem drink_to_cope neurodivergent neurodiverg* suicidal dysphoria"
    " dysphoric sectioned depri angstzustand* angste_und burnout zwange zwangsstorung* trauma_therapie posttraumat*"
    " autist* asperger klapse psychiatrie entgiftung trocken_seit ritzen ritze suizid* lebensmude tabletten_gegen"
    " adhs selbstverletz* magersuchtig ataques_de_panico ataque_de_panico ansiolitic* bulimi* anorexi* toc tept"
    " autista autismo me_corto autolesion* sobrio sobria desintoxicacion suicid* ideas_suicidas quitarme_la_vida"
    " esquizo* bipolaridad trastorn* antipsicotic* crises_d'angoisse crise_d'angoisse crises_de_panique anxiete"
    " anxieux anxieuse tca psychotherap* psy psys autiste autisme depressif depressive tentative_de idees_noires"
    " bipolaire* bipolarite sevrage burn-out boulimi* somniferes antidepr* schizo* attacchi_di_panico"
    " attacco_di_panico autistic* psicoterap* bipolar* sonniferi disintossic* crise_de_panico crises_de_panico"
    " crise_de_ansiedade crises_de_ansiedade ansios* remedio antidepressiv* depressiv* rivotril tdah abstinencia"
    " ataki_paniki lek_przed lekowe lekow* nerwic* autyzm autyst* aspergera psychoterap* anoreksj* samoboj*"
    " dwubiegun* odwyk* trzezw* tabletki_na adhd тревожность паническ* птср окр сдвг аутизм* аутист* биполяр*"
    " снотворн* транквилизатор* таблетки срыв_алкогол* завязал* трезв* кодировал* режу_себя порез* селфхарм* рпп"
    " terapist* otizm* otist* dehb okb anoreksi* kendime_zarar kendine_zarar bagimli* ilac_kullaniyor* ilac* ayik"
    " 抑郁 心理医生 心理咨询 恐慌症 惊恐 强迫症 躁狂 自闭 厌食 暴食 药物依赖 戒酒 戒毒 精神科 精神病 轻生 想死 创伤后"
    " 社交恐惧 カウンセリング 不安障害 強迫性障害 自閉症 過食 拒食 リスカ リストカット 死にたい 抗うつ薬 安定剤 断酒"
    " 依存症 通院 공황 강박증 자폐 거식증 폭식증 알코올_중독 금주 항우울제 신경안정제 상담_치료 정신병 죽고_싶"
    " 트라우마 양극성 هلع وسواس ثنائي_القطب فصام مهدئات ادوية دواء ادمان توحد انتحر علاج_نفسي معالج एंग्ज़ायटी घबराहट"
    " मनोचिकित्सक थेरेपी दवाई दवा ओसीडी बाइपोलर ऑटिज़्म नशामुक्ति खुदकुशी therapeut therapeutin beim_therapeuten"
    " depression depressed bipolar psychosis psychotic eating_disorder* panic_attack* panic_disorder anxiety"
    " generalized_anxiety social_anxiety ptsd ocd autis* asperger* borderline_personality personality_disorder"
    " dissociat* hear_voices hears_voices hearing_voices mental_health mental_illness nervous_breakdown"
    " antidepressant* antipsychotic* ssri* sertraline fluoxetine prozac xanax lexapro zoloft wellbutrin cymbalta"
    " paxil effexor seroquel citalopram escitalopram venlafaxin* lithium_for lithium_against lithium_pills ritalin"
    " adderall vyvanse concerta lamotrigin* quetiapin* risperidon* aripiprazol* mirtazapin* klonopin valium ativan"
    " lorazepam alprazolam diazepam methadone suboxone metformin ozempic prednison* levothyroxin* medication"
    " medications on_meds my_meds her_meds his_meds their_meds the_meds sleeping_pills psychiatr* in_therapy"
    " therapist rehab self-harm* self_harm* cuts_herself cuts_himself cutting_herself cutting_himself cut_myself"
    " cutting_myself hurt_myself hurting_myself end_my_life end_her_life end_his_life end_their_life kill_myself"
    " kill_herself kill_himself kill_themselves want_to_die wants_to_die relapse* addicted_to_alcohol"
    " addicted_to_drugs addicted_to_opioids addicted_to_heroin addicted_to_cocaine addicted_to_meth alcoholi*"
    " drug_addict* withdrawal_symptoms overdos* months_clean months_sober years_sober days_sober depressi* magersucht"
    " essstorung* panikattack* angststorung* psychiat* psychother* psychopharmaka selbstmord* ritzt_sich ritze_mich"
    " suchtig_nach alkoholiker* drogensuchtig* entzug medikament* hat_borderline habe_borderline hab_borderline"
    " borderline-storung borderlinestorung borderline-diagnose borderlinepatient* depresion ansiedad esquizofren*"
    " trastorno* psiquiatr* psicofarmac* antidepresiv* suicidar* alcoholic* drogadict* terapeuta medicamento*"
    " medicacion pastillas_para autolesi* boulimie trouble_alimentaire trouble_bipolaire trouble_anxieux"
    " troubles_anxieux antidepresseur* anxiolytique* alcoolique toxicoman* scarifi* psy_depuis ansia schizofren*"
    " anoressi* psichiatr* alcolista tossicodip* depressao ansiedade remedio_para remedios_para tarja_preta"
    " alcoolatra transtorno* depresj* antydepres* leki_na leczy_sie biore_leki bierze_leki samookalecz* depressie"
    " verslaafd депресси* депресі* шизофрен* анорекси* булими* психиатр* психотерап* антидепрессант* суицид*"
    " самоубий* алкоголизм* алкоголик* наркоман* биполярн* панически* таблетки_от depresyon* anksiyete panik_atak*"
    " sizofren* psikiyatr* antidepresan* intihar* alkolik* 抑鬱 忧郁症 憂鬱症 焦虑症 焦虑 精神分裂 躁郁 双相 厌食症"
    " 自杀 自殺 自残 酗酒 吸毒 阿普唑仑 舍曲林 安眠药 多动症 自闭症 うつ病 うつ 鬱病 統合失調 自傷 双極性"
    " パニック障害 適応障害 発達障害 心療内科 睡眠薬 摂食障害 우울증 조현병 자살 자해 공황장애 공황_장애 불안장애"
    " 조울증 정신과 수면제 اكتئاب الاكتئاب انفصام انتحار مدمن القلق_المرضي نوبات_هلع طبيب_نفسي مضادات_الاكتئاب अवसाद"
    " डिप्रेशन आत्महत्या एंग्जायटी पैनिक_अटैक नशे_की"
)
_BODY = (
    "expecting_a_baby expecting_a_child weeks_along trimester ultrasound morning_sickness missed_my_period"
    " missed_her_period plan_b morning-after_pill condom broke_condom egg_freezing froze_my_eggs fertility"
    " perimenopaus* hot_flashes endometrial period_cramps tubes_tied breastfe* lactat* erection viagra cialis"
    " prep_pill kinderwunsch regelschmerz* pille_danach verhutung schwangerschaft* ks_positiv periode_ist"
    " meine_periode wechseljahre embarazo* anticonceptiv* menstruac* menopausia fertilidad in_vitro la_regla me_baja"
    " perdi_el_bebe perdi_al_bebe perdido_al_bebe grossesse* contracept* mes_regles menopause fausse-couche ivg pma"
    " perdu_notre_bebe gravidanz* contraccett* mestruazion* ciclo_in_ritardo fecondazione gravidez anticoncepcional"
    " minha_menstruacao laqueadura vasectomia fertilizac* ciaz* antykoncep* miesiaczk* okres_mi bezplodn* zaplodnien*"
    " беременн* контрацеп* месячные задержка_месяч* менструа* бесплод* gebelik* dogum_kontrol* regl tup_bebek"
    " menopoz* 备孕 试管 怀了 例假 月經 绝经 生理不順 妊活 避妊 ピル 更年期 つわり 아기를_잃 피임 생리 시험관 갱년기"
    " 임신한 مانع_الحمل اجهضت الاجهاض माहवारी पीरियड गर्भ गर्भधारण आईवीएफ perdi_o_bebe perdeu_o_bebe perdio_al_bebe"
    " perdu_le_bebe perso_il_bambino baby_verloren lost_our_baby lost_her_baby pregnan* abortion* miscarr* stillb*"
    " infertil* ivf menopaus* her_period my_period their_period ada's_period birth_control on_the_pill"
    " trying_for_a_baby trying_to_conceive trying_for_kids lost_the_baby ovulat* iud postpartum c-section vasectomy"
    " hormone_therapy hormones hrt testosterone estrogen top_surgery schwanger* abtreib* fehlgeburt unfruchtbar*"
    " kinderwunschbehandlung embaraz* aborto abortos regla_atrasada enceinte avortement fausse_couche sterilite fiv"
    " incinta gravidanza gravid* gestante menopausa ciaza ciazy ciaze w_ciazy poronien* poronil* aborcj* nieplodn*"
    " zwanger* miskraam беремен* вагітн* аборт* выкидыш* бесплоди* эко климакс* hamile* kurtaj dusuk_yap* kisir*"
    " adet_gec* 怀孕 懷孕 流产 流產 堕胎 墮胎 不孕 月经 避孕 妊娠 中絶 不妊 流産 生理が 임신 낙태 유산했 불임 حامل"
    " اجهاض عقيم الدورة_الشهرية गर्भवती गर्भपात बांझ"
)
_SEXUALITY = (
    "being_tied_up tied_up_in_bed sou_trans e_trans mujer_trans hombre_trans mulher_trans homem_trans femme_trans"
    " homme_trans donna_trans uomo_trans bi_and i'm_bi im_bi is_bi they're_bi ace_spectrum aromantic genderfluid"
    " genderqueer gender_identity afab amab sapphic same-sex crush_on_girls sexually sexual sex impotent impoten*"
    " premature_ejac* foreplay hooking_up friends_with_benefits open_relationship swinger* onlyfans naked_pictures"
    " sext slept_with virginidad cheating_and_sex submissive dominant_in bisexualitat asexuell* nicht-binar*"
    " nichtbinar* trans_mann trans_frau transfrau transmann ungeoutet geoutet sexuell* schwuler lesbe"
    " steht_auf_manner stehe_auf_frauen intimleben gays gay bisexualidad no_binari* asexual* sexo sexual*"
    " salido_del_armario salir_del_armario me_gustan_las_chicas me_gustan_los_chicos sexuel* sexe asexuel*"
    " non-binaire* homo bi_et sesso sessual* asessual* non_binari* transgender bisex assexual* nao-binari*"
    " nao_binari* lesbica se_assumiu assumir homoseks* biseks* aseks* seks* niebinarn* transplciow* dziewic*"
    " prawiczk* секс* бисексуал* асексуал* небинарн* транс лесби* гей геем каминг-аут* каминг-аут escinsel* aseksuel*"
    " trans_birey cinsel* gey acildim 性向 性冷淡 性功能 阳痿 早泄 无性恋 双性 变性 ゲイ 性自認 性欲 性別違和"
    " バイ_です カミングアウト セフレ ed気味 勃起 処女です 童貞 무성애 성소수자 커밍아웃 성욕 발기 성관계 عذراء"
    " ضعف_جنسي समलिंगी गे_हूं गे_हूँ लेस्बियन सेक्स बाइसेक्सुअल lesbian* bisexual* bi-sexual pansexual* demisexual"
    " homosexual* heterosexual* transgender* transsexual* trans_man trans_woman trans_girl trans_boy trans_person"
    " is_trans i'm_trans im_trans they're_trans nonbinary non-binary queer closeted in_the_closet come_out_to"
    " came_out_to coming_out_to come_out_as coming_out_as came_out_as into_men into_girls into_guys likes_girls"
    " likes_boys like_girls like_boys likes_men_and sexual_orientation sexual_preference* sexual_identity"
    " sexual_fantas* sexual_abuse sexual_assault sexuality libido orgasm* masturbat* porn porno* pornhub fetish* kink"
    " kinks kinky bdsm nudes erectile* virgin virginity one-night_stand* one_night_stand* has_sex had_sex having_sex"
    " have_sex sex_life sex_with no_sex sexless sexting threesome* raped vagina* penis dominatrix slept_together"
    " sleep_together sleeping_together sleeping_with hook_up hooked_up hookups turned_on_by polyamor* schwul*"
    " lesbisch* bisexuell* homosexuell* transsexuell* sexuelle_orientierung sexuelle_vorlieb* sexleben"
    " selbstbefriedig* jungfrau fetisch* hat_sex habe_sex hatte_sex sex_mit erektions* vida_sexual orientacion_sexual"
    " fetiche* transexual* es_trans soy_trans lesbiana* sexo_con lesbienne* bisexuel* homosexuel* vie_sexuelle"
    " orientation_sexuelle est_trans relation_sexuelle rapports_sexuels couche_avec omosessual* bisessual*"
    " vita_sessuale sesso_con verginit* bissexual* homoseksu* biseksu* gej gejem lesbijk* orientacja_seks* геи гея"
    " лесбиянк* гомосексуал* трансгендер* сексуальн* мастурб* девственн* lezbiyen* biseksuel* 同性恋 同性戀 双性恋"
    " 雙性戀 跨性别 跨性別 性取向 性生活 自慰 出柜 出櫃 喜欢女生 処女 同性愛 ゲイです ゲイだ ゲイで レズビアン"
    " バイセクシュアル トランスジェンダー 性的指向 セックス 게이야 게이입 게이라 게이다 레즈비언 양성애 동성애"
    " 트랜스젠더 성생활 مثلي مثلية الميول_الجنسي* ثنائي_الجنس العلاقة_الجنسية समलैंगिक ट्रांसजेंडर यौन"
)
# What makes it no matter of a person; and what begins to speak of one again.
_APART = (
    "teach_about teaches_about teaching_about taught_about teach_*_about teaches_*_about teaching_*_about"
    " taught_*_about teach_*_*_about teaches_*_*_about unterrichte_*_uber unterrichtet_*_uber enseigne_*_sur"
    " ensena_*_sobre enseno_*_sobre insegna_*_sulla ensina_*_sobre"
    " working_in career jobs counseling song songs band lyrics cat cats kitten* kitty dog dogs puppy pup doggo"
    " hamster* rabbit* bunny horse horses pony parrot budgie guinea goldfish turtle tortoise cow sheep goat pet pets"
    " vet veterinar* katze* kater hund hunde hundin welpe* pferd* kaninchen meerschwein* papagei gato gata gatos"
    " perro perra cachorro caballo conejo chat chatte chats chien chienne cheval lapin gatto gatta cane cagna cavallo"
    " coniglio cachorra coelho cavalo kot kota kotka kocur pies psa pieska suczk* kon krolik* кот кота кошк* собак*"
    " пес пса щен* лошад* kedi* kopek* tavsan* 猫 狗 宠物 犬 うさぎ ペット 고양이 강아지 개가 토끼 قطة قطتي قط كلب"
    " كلبي बिल्ली कुत्ता कुत्ते article articles news documentary documentaries research* study studies studied studying"
    " book books novel film movie series podcast charity fundraiser donat* lecture course conference thesis paper"
    " essay museum ward specialist_in works_in work_in works_as work_as working_as job exam textbook great_depression"
    " raises_money raised_money awareness game zodiac horoscope star_sign sign_is my_sign signs tropic_of rising"
    " artikel nachrichten doku dokumentation forschung* studiert studiere buch roman arbeitet_als arbeite_als spende*"
    " noticia* articulo documental estudia estudio libro novela pelicula trabaja_como trabajo_como etudie livre"
    " travaille recherche* studia ricerca lavora_come estuda livro filme trabalha_como artykul ksiazk* studiuje"
    " pracuje_jako стать* новост* книг* фильм* изуча* исследован* работает_ haber* makale belgesel kitap arastirma*"
    " 新闻 文章 纪录片 研究 小说 电影 ニュース 記事 映画 小説 勉強 뉴스 기사 영화 소설 연구 공부 خبر مقال فيلم كتاب"
    " دراسة خبرا मूवी किताब खबर लेख फिल्म"
)
_AGAIN = (
    "and but because so since while i he she they we und aber weil ich er sie wir y pero porque yo el ella et mais je"
    " il elle e ma io lui lei mas eu ele ela ale ja и но я он она ve ama ben 我 他 她 私 僕 나는 انا हम मैं"
)
_TERMS = Terms(
    {"SENSITIVE": " ".join((_ILLNESS, _MIND, _BODY, _SEXUALITY)), "APART": _APART, "AGAIN": _AGAIN},
)
_SENSITIVE, _OF_OTHERS, _SPEAKS_AGAIN = map(_TERMS.bits, ("SENSITIVE", "APART", "AGAIN"))


@lru_cache(maxsize=TEXTS_KEPT)
def names_sensitive(text: str) -> bool:
    """Say whether *text* names an illness, the body or sexuality of somebody in words that are known here."""
    return any(_names(_TERMS.hits(look)) for look in looks_of(text))


def _names(hits: tuple[Hit, ...]) -> bool:
    return any(hit.meaning & _SENSITIVE and not _is_apart(hit, hits) for hit in hits)


def _is_apart(hit: Hit, hits: tuple[Hit, ...]) -> bool:
    """Say whether a word is said of an animal or of the subject itself, in the same breath."""
    return any(
        other.meaning & _OF_OTHERS
        and -APART_BEHIND <= hit.at - other.at <= APART_BEFORE
        and not any(
            one.meaning & _SPEAKS_AGAIN and min(hit.at, other.at) < one.at < max(hit.at, other.at) for one in hits
        )
        for other in hits
    )
