"""Signs that a text was written for a machine: role tags, prompts, objects; and orders whose letters stand apart."""

from __future__ import annotations

import re

# Words whose letters were all set apart, and which are not told from each other any more.
CLOSED_UP = re.compile(
    r"(?:ignore|forget|disregard|break|override)(?:all|every|your|the|previous|prior|these|those|safety)*"
    r"(?:rules?|instructions?|guidelines?|prompts?|filters?)|obeyme|youarenow|yournameis|systemprompt"
    r"|iamyour(?:admin|owner|master|creator|developer)"
)
MARKUP = re.compile(
    r"<\|?/?\s*(?:im_start|im_end|system|assistant|developer|endoftext|eot_id|start_header_id|instructions?|prompt"
    r"|rules"
    r"|memory|persona|remembered|now|think|tool|function\w*|admin|sys|override)\b[^>\n]{0,60}\|?>"
    r"|\[\s*/?\s*(?:inst|sys|system|assistant|developer|admin|override)\b[^\]\n]{0,40}\]|<<\s*/?\s*sys\s*>>"
    r"|^\s*(?:#{1,6}\s*|\*{1,2}|>\s*|[-*]\s+|\"|'|`+)?\s*(?:system|assistant|developer|admin|operator|root|tool"
    r"|human|user|ai|sistema|system-?nachricht)"
    r"\s*(?:prompt|message|note|override|instructions?|notice|update)?\s*[\"'`*\])]*\s*[:：=>]"
    r"|\"(?:role|system|instructions?|content|prompt|salience|memories|persona)\"\s*:|#{2,}\s*(?:new |system "
    r"|important )?(?:instructions?|system|prompt|rules)"
    r"|\b(?:begin|end|start of|end of) (?:system|prompt|instructions?|admin|developer)\b"
    r"|^\s*[\[{].*[\"']\w+[\"']\s*:|\{\{.*\}\}|```\s*(?:system|prompt|json)"
    r"|(?:系统|系統|システム|시스템|система|النظام|सिस्टम|sistem)\s*(?:消息|提示|メッセージ|메시지"
    r"|сообщение)?\s*[:：]"
    r"|\b(?:note to|memo to|for) (?:the )?(?:ai|model|assistant|llm|future (?:self|mira))\b",
    re.IGNORECASE | re.MULTILINE,
)
