"""Say which lines announce a plan or one of its parts, and which labels stand before a step: closed tables, by language.

A line above calls that ends in a colon may be anything: a condition, an alternative, an example. Only what stands here is a preface.
"""

from __future__ import annotations

import re
from typing import Final

from lcc.grammar.reading.headings import KINDS

_ORDINALS: Final = "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|next|last|final"
_EN: Final = (
    r"(?:here(?:'s| is| are)|this is|th(?:e|is) following is|following (?:is|are)|below (?:is|are)|i(?:'ll| will) (?:use|follow|execute|run)|let's (?:use|follow|begin with)) "
    r"(?:(?:the|my|our|a|an|your|this|new|full|whole|complete|following|detailed|execution|action|task|tool|function|step-by-step|short|simple|same|numbered|necessary|needed|required|updated|revised|corrected|one|two|three|four|five|six) )*"
    r"(?:plan|steps?|(?:tool |function )?calls?|actions?|list|sequence|program|script|code|json|yaml|workflow)(?: of (?:action|the calls|the steps|calls|steps))?"
    r"(?:,? (?:as|in) (?:a )?(?:json|yaml|xml|python|javascript|code|table|list|tool calls|order))?"
    r"(?: (?:to execute|to run|in order|for (?:this|the|your) (?:task|question|request|query)|again|in the form asked for|you asked for))?",
    r"here(?:'s| is) (?:what|how) (?:i|we)(?:'ll| will|'d| would)? (?:do|proceed|run|call)(?: (?:it|this|that|now))?",
    r"(?:the |my |our |updated |revised |execution |action |task |step-by-step |full |final |complete |tool |function |one |two |three |four |five |six )*"
    r"(?:plan|steps?|calls?|actions?|tasks?|program|script|code|output|json|yaml|answer|response|workflow)(?: of action)?"
    r"(?:,? (?:as|in) (?:json|yaml|xml|python|javascript|code|tool calls))?",
    rf"(?:and |the )?(?:{_ORDINALS})(?: (?:and|the) (?:{_ORDINALS}))?(?: (?:step|batch|part|round|group|phase|stage|set|block|call|action|task)s?)?",
    r"(?:and )?(?:then|finally|lastly|to begin(?: with)?|to start(?: with)?|after that|afterwards|now)",
    r"(?:step|phase|stage|part|batch|round|group) (?:[0-9]{1,4}|[ivx]{1,4}|one|two|three|four|five|six|seven)",
    r"again, in the form asked for",
    r"here (?:you go|you are|it is|we go)",
)
_OTHERS: Final = {
    "de": r"(?:hier (?:ist|sind|kommt)|das ist|es folgt)? ?(?:(?:der|die|das|mein|meine|ein|unser|folgende[rn]?|ganze|vollständige) )*(?:plan|ablauf|ablaufplan|schritte|aufrufe|werkzeugaufrufe|aktionen|ausführungsplan|skript|programm|code|json)(?: als json)?"
    r"|(?:(?:erste|zweite|dritte|vierte|nächste|letzte)[rs]?|zuerst|dann|danach|schließlich|zum schluss)(?: (?:schritt|teil|block|aufruf))?|(?:schritt|teil|phase) [0-9]{1,4}",
    "fr": r"(?:voici|voilà|ceci est)? ?(?:(?:le|la|les|mon|un|notre|mes|suivant) )*(?:plan(?: d'action| d'exécution)?|étapes|appels|actions|programme|script|code|json)"
    r"|(?:première|deuxième|troisième|dernière|prochaine) étape|(?:d'abord|ensuite|puis|enfin)|(?:étape|phase) [0-9]{1,4}",
    "es": r"(?:aquí (?:está|tienes|están|va)|este es|estos son|sigue)? ?(?:(?:el|la|los|las|mi|un|nuestro|mis) )*(?:plan(?: de acción| de ejecución)?|pasos|llamadas|acciones|programa|código|json)"
    r"|(?:primer|segundo|tercer|último|siguiente) paso|(?:primero|luego|después|finalmente)|(?:paso|fase) [0-9]{1,4}",
    "pt": r"(?:aqui (?:está|estão|vai)|este é|segue|eis)? ?(?:(?:o|a|os|as|meu|um|nosso) )*(?:plano(?: de ação| de execução)?|passos|etapas|chamadas|ações|programa|código|json)"
    r"|(?:primeiro|segundo|terceiro|último|próximo) passo|(?:primeiro|depois|finalmente)|(?:passo|etapa) [0-9]{1,4}",
    "it": r"(?:ecco|questo è|di seguito)? ?(?:(?:il|lo|la|i|gli|le|mio|un) )*(?:piano(?: d'azione)?|passi|passaggi|chiamate|azioni|programma|codice|json)"
    r"|(?:primo|secondo|terzo|ultimo|prossimo) (?:passo|passaggio)|(?:prima|poi|infine)|(?:passo|fase) [0-9]{1,4}",
    "nl": r"(?:hier (?:is|zijn|komt)|dit is)? ?(?:(?:het|de|mijn|een|ons) )*(?:plan|stappenplan|stappen|aanroepen|acties|programma|code|json)"
    r"|(?:eerste|tweede|derde|laatste|volgende) stap|(?:eerst|dan|daarna|ten slotte)|stap [0-9]{1,4}",
    "sv": r"(?:här (?:är|kommer)|detta är)? ?(?:(?:min|en|vår|mina) )*(?:plan(?:en)?|steg(?:en)?|anrop(?:en)?)|(?:första|andra|tredje|sista|nästa) steget|steg [0-9]{1,4}",
    "pl": r"(?:oto|to jest)? ?(?:(?:mój|nasz|pełny) )*(?:plan(?: działania)?|kroki|wywołania)|(?:pierwszy|drugi|trzeci|ostatni|następny) krok|krok [0-9]{1,4}",
    "ru": r"(?:вот|это)? ?(?:(?:мой|наш|полный) )*(?:план(?: действий)?|шаги|вызовы|действия)|(?:первый|второй|третий|последний|следующий) шаг|шаг [0-9]{1,4}",
    "uk": r"(?:ось|це)? ?(?:(?:мій|наш) )*(?:план(?: дій)?|кроки|виклики)|(?:перший|другий|третій|останній|наступний) крок|крок [0-9]{1,4}",
    "tr": r"(?:işte )?(?:(?:bir|eylem) )*(?:plan(?:ım|ımız)?|adımlar|çağrılar)(?: şöyle| şu şekilde| aşağıda)?|(?:ilk|ikinci|son|sonraki) adım|adım [0-9]{1,4}",
    "zh": r"(?:(?:以下|下面|这|這)(?:是|為|为))?(?:我的|完整的?|具体的?|具體的?|详细的?)*(?:执行|執行|行动|行動|调用|調用)?(?:计划|計劃|計畫|步骤|步驟|方案|调用|調用)(?:如下|是)?|(?:首先|然后|然後|接着|接著|最后|最後)|第[一二三四五六七八九十0-9]+步|步[骤驟] ?[0-9]{1,4}",
    "ja": r"(?:(?:以下|次|こちら|これ)(?:が|は))?(?:実行|行動)?(?:計画|プラン|手順|ステップ|呼び出し)(?:は(?:以下|次)の(?:通り|とおり))?(?:です|になります)?|(?:まず|次に|最後に)|ステップ ?[0-9]{1,4}|(?:最初|次|最後)のステップ",
    "ko": r"(?:다음은|여기|이것은)? ?(?:실행 )?(?:계획|단계|호출)(?:은 다음과 같습니다|은 아래와 같습니다|입니다)?|(?:먼저|다음으로|마지막으로)|[0-9]{1,4}단계|(?:첫|두|세|네) ?번째(?: 단계)?",
    "ar": r"(?:إليك |هذه |هذا |فيما يلي )?(?:هي )?(?:خطة(?: العمل| التنفيذ)?|الخطة|الخطوات|خطوات)(?: هي| كالتالي| كما يلي)?|الخطوة (?:الأولى|الثانية|الثالثة|الأخيرة|التالية)|(?:أولا|ثم|أخيرا)|الخطوة [0-9٠-٩]{1,4}",
    "hi": r"(?:यहाँ |यह |ये |यह रही |यह रहा )?(?:मेरी |पूरी )?(?:योजना|कदम|चरण)(?: है| हैं)?|(?:पहला|दूसरा|तीसरा|अंतिम|अगला) (?:चरण|कदम)|चरण [0-9०-९]{1,4}",
    "id": r"(?:berikut(?: adalah| ini)?|ini)? ?(?:rencana|langkah(?:-langkah)?|panggilan)(?:nya)?|langkah (?:pertama|kedua|ketiga|terakhir|berikutnya|[0-9]{1,4})",
    "vi": r"(?:đây là|sau đây là)? ?(?:kế hoạch|các bước)(?: của tôi)?|bước (?:đầu tiên|tiếp theo|cuối cùng|[0-9]{1,4})",
}
"""What announces a plan or a part of it, by language."""
_YES: Final = (
    "sure|sure thing|okay|ok|of course|certainly|gladly|great|alright|all right|absolutely|understood|yes|right|got it|no problem|"
    "kein problem|pas de problème|aucun problème|no hay problema|sin problema|sem problema|não há problema|non c'è problema|nessun problema|geen probleem|"
    "inga problem|nie ma problemu|без проблем|не питання|問題ありません|문제없습니다|"
    "klar|gern|gerne|natürlich|sicher|ja|bien sûr|d'accord|certainement|oui|claro|por supuesto|vale|sí|seguro|com certeza|certo|certamente|va bene|"
    "natuurlijk|zeker|självklart|jasne|oczywiście|конечно|хорошо|звичайно|tabii|elbette|好的|好|当然|當然|没问题|沒問題|はい|もちろん|承知しました|네|물론|물론입니다|"
    "بالتأكيد|حسنا|نعم|ज़रूर|हाँ|tentu|baik|vâng|được"
)
_PREFACE: Final = re.compile(
    rf"(?:{_YES})|(?:(?:{_YES})(?:[,.!，。！、—–-]| )+){{0,3}}(?:{'|'.join((*_EN, *_OTHERS.values()))})", re.IGNORECASE
)
_DECORATION: Final = "¡¿ \t\u00a0\u200b\ufeff#*_-=•·`"
_BY_KIND: Final = {kind: "|".join(word for word in KINDS if KINDS[word] == kind) for kind in ("thought", "action")}
"""The words of an agent's headings."""
STEPS: Final = (
    "steps?|tasks?|schritt|aufgabe|étape|etape|tâche|paso|tarea|passo|etapa|tarefa|stap|taak|steg|krok|zadanie|шаг|задача|крок|adım|görev|步骤|步驟|第|任务|"
    "任務|ステップ|手順|タスク|단계|작업|خطوة|الخطوة|चरण|कदम|langkah|bước"
)
"""The words for a step."""
CALLS: Final = (
    "calls?|tools|tool calls?|function|function calls?|aufruf|appel|llamada|chamada|chiamata|aanroep|anrop|wywołanie|вызов|виклик|çağrı|调用|呼び出し|호출|"
    "استدعاء|panggilan|lời gọi"
)
"""The words for a call."""
LABELS: Final = f"{STEPS}|{CALLS}|actions?|plan|{_BY_KIND['action']}"
"""What stands before the number of a step, or with a colon before its call."""
UNITS: Final = "step|步|단계|番目?|つ目|번째?|st|nd|rd|th|er|re|[ºª°]|[еой]{1,2}"
"""What stands behind the number of a step."""
THOUGHTS: Final = f"{_BY_KIND['thought']}|rationale|reflection|analysis|pensées|pensamientos|pensamentos|pensieri|gedachten|tanke|мысли|рассуждение|思路|推理|التفكير"
"""The labels of thoughts."""


PICTURE: Final = r"[\u2190-\u21ff\u25a0-\u25ff\u27a1\u2b05-\u2b07\u2b1b\u2b1c\u2b50\U0001f30d-\U0001f320\U0001f3c0-\U0001f3fa\U0001f446-\U0001f449\U0001f4a0-\U0001f50e\U0001f520-\U0001f53b\U0001f680\U0001f7e0-\U0001f7eb\U0001f9e0-\U0001f9ff]"
"""Arrows, shapes and things, with which models decorate lines. Crosses, checks and prohibitions say something."""
_PICTURES: Final = re.compile(rf"(?:{PICTURE}\ufe0f?[ \t]*)+|(?:[ \t]*{PICTURE}\ufe0f?)+\Z")


def is_preface(line: str) -> bool:
    """Whether a line announces a plan or one of its parts and says nothing else."""
    bare = _PICTURES.sub("", line.strip(_DECORATION), count=1).strip(_DECORATION).rstrip(":：.!。！")
    return len(bare) < 120 and _PREFACE.fullmatch(" ".join(bare.strip(_DECORATION).split())) is not None
