"""A few lines of talk in many languages, and for each a question and which line answers it.

Made up for these tests. Each question shares a word with its answer, in another form where the language has forms.
"""

from __future__ import annotations

TALKS: dict[str, tuple[tuple[str, ...], tuple[tuple[str, int], ...]]] = {
    "german": (
        (
            "Meine Katze heißt Minka und schläft den ganzen Tag.",
            "Gestern habe ich mir ein neues Fahrrad gekauft.",
            "Im Urlaub waren wir an der Ostsee.",
            "Ich arbeite als Krankenschwester in Hamburg.",
        ),
        (("Wie heißen die Katzen, die ich habe?", 0), ("Was für ein Fahrrad war das?", 1), ("Wo arbeitete ich?", 3)),
    ),
    "spanish": (
        (
            "Mi perra se llama Canela y le gusta la playa.",
            "El sábado comimos paella en casa de mi abuela.",
            "Estoy estudiando medicina en Sevilla.",
            "Tengo miedo a las arañas desde niño.",
        ),
        (
            ("¿Dónde comí paellas?", 1),
            ("¿Qué estudio yo en la universidad?", 2),
            ("¿A qué le tengo miedo, a una araña?", 3),
        ),
    ),
    "french": (
        (
            "J'ai adopté deux chatons la semaine dernière.",
            "Ma sœur habite à Lyon avec son mari.",
            "Je joue du violon dans un orchestre.",
            "Mon dessert préféré est la tarte aux pommes.",
        ),
        (
            ("Quand ai-je adopté un chaton ?", 0),
            ("Où habitent mes soeurs ?", 1),
            ("Dans quels orchestres ai-je joué ?", 2),
        ),
    ),
    "russian": (
        (
            "Мою кошку зовут Мурка, ей три года.",
            "Летом мы ездили на Байкал с палатками.",
            "Я работаю программистом в Казани.",
            "Мой брат играет на гитаре.",
        ),
        (("Как зовут моих кошек?", 0), ("Куда мы ездили летом с палаткой?", 1), ("На каких гитарах играют братья?", 3)),
    ),
    "japanese": (
        (
            "うちの猫はミケという名前です。",
            "先週、京都のお寺を見に行きました。",
            "来月から東京の病院で働きます。",
            "趣味はピアノを弾くことです。",
        ),
        (("猫の名前は何ですか?", 0), ("京都で何を見ましたか?", 1), ("どこの病院で働くの?", 2)),
    ),
    "chinese": (
        (
            "我的猫叫咪咪,今年三岁。",
            "上周末我们去爬了长城。",
            "我在上海的一家医院工作。",
            "我最喜欢吃四川火锅。",
        ),
        (("我的猫叫什么名字?", 0), ("我们什么时候爬长城的?", 1), ("我在哪家医院上班?", 2), ("火锅好吃吗?", 3)),
    ),
    "korean": (
        (
            "우리 고양이 이름은 나비예요.",
            "지난주에 제주도로 여행을 갔어요.",
            "저는 부산에서 간호사로 일해요.",
            "취미는 기타를 치는 거예요.",
        ),
        (("고양이가 몇 마리야?", 0), ("제주도는 어땠어?", 1), ("기타는 언제부터 쳤어?", 3)),
    ),
    "arabic": (
        (
            "اسم قطتي لولو وهي بيضاء.",
            "سافرنا إلى الإسكندرية في الصيف الماضي.",
            "أعمل مهندسا في القاهرة.",
            "أحب العزف على العود.",
        ),
        (("ما اسم القطة؟", 0), ("متى سافرت إلى الإسكندرية؟", 1), ("من مهندس في القاهرة؟", 2)),
    ),
    "turkish": (
        (
            "Kedimin adı Pamuk, çok tatlı.",
            "Geçen yaz Bodrum'da tatil yaptık.",
            "Ankara'da öğretmen olarak çalışıyorum.",
            "En sevdiğim yemek mantı.",
        ),
        (("Pamuk hangi kedinin adı?", 0), ("Bodrum tatili nasıldı?", 1), ("Nerede öğretmenim?", 2)),
    ),
    "hindi": (
        (
            "मेरी बिल्ली का नाम लूसी है।",
            "पिछले हफ्ते हम जयपुर घूमने गए थे।",
            "मैं दिल्ली में डॉक्टर हूँ।",
            "मुझे सितार बजाना पसंद है।",
        ),
        (("मेरी बिल्लियों के नाम क्या हैं?", 0), ("हम जयपुर कब गए?", 1), ("क्या मैं सितार बजाती हूँ?", 3)),
    ),
    "thai": (
        (
            "แมวของฉันชื่อส้มโอ",
            "เมื่อวานไปเที่ยวทะเลที่ภูเก็ต",
            "ฉันทำงานเป็นครูที่เชียงใหม่",
            "อาหารโปรดคือผัดไทย",
        ),
        (("แมวชื่ออะไร", 0), ("ไปภูเก็ตเมื่อไหร่", 1), ("ครูอยู่ที่เชียงใหม่ใช่ไหม", 2)),
    ),
    "polish": (
        (
            "Mój kot nazywa się Filemon.",
            "W zeszłym tygodniu byliśmy w Krakowie.",
            "Pracuję jako nauczyciel matematyki.",
            "Uwielbiam pierogi mojej babci.",
        ),
        (("Jak nazywa się kot?", 0), ("Kiedy byliśmy w Krakowie?", 1), ("Czy lubię pierogi?", 3)),
    ),
}
