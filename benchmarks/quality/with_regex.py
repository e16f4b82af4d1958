"""Attributions by regular expressions alone: what an afternoon without a library gives.

A list of reporting verbs, a quotation before or after verb and source, *source verb that content*,
and *according to source*. Spanish and English.
"""

from __future__ import annotations

import re
from typing import Any

from worker import given, read_articles

_VERBS = {
    "es": (
        r"dij(?:o|eron)|dice[n]?|afirm(?:ó|aron|an?)|asegur(?:ó|aron|an?)|añad(?:ió|ieron|en?)|"
        r"declar(?:ó|aron|an?)|explic(?:ó|aron|an?)|señal(?:ó|aron|an?)|indic(?:ó|aron|an?)|"
        r"inform(?:ó|aron|an?)|anunci(?:ó|aron|an?)|neg(?:ó|aron)|advirti(?:ó|eron)|"
        r"manifest(?:ó|aron)|destac(?:ó|aron)|sostuv(?:o|ieron)|confirm(?:ó|aron)|"
        r"ha[n]? (?:dicho|afirmado|asegurado|declarado|anunciado|negado|informado|señalado)"
    ),
    "en": (
        r"said|says?|told|added|adds|claim(?:ed|s)|stat(?:ed|es)|announc(?:ed|es)|argu(?:ed|es)|"
        r"den(?:ied|ies)|warn(?:ed|s)|not(?:ed|es)|explain(?:ed|s)|report(?:ed|s)|insist(?:ed|s)|"
        r"confirm(?:ed|s)|has (?:said|announced|denied|claimed|warned)"
    ),
}
_THAT = {"es": "que", "en": "that"}
_ACCORDING = {"es": r"[Ss]egún|[Dd]e acuerdo con", "en": r"[Aa]ccording to"}
_QUOTATION = r'(?P<content>«[^»\n]+»|“[^”\n]+”|"[^"\n]+")'
_NAME = r"(?P<source>[^\W\d_][^,.;:«»“”\"\n]{1,80}?)"


def _patterns(language: str) -> list[re.Pattern[str]]:
    verb = rf"(?P<cue>\b(?:{_VERBS[language]})\b)"
    that, according = _THAT[language], rf"(?P<cue>\b(?:{_ACCORDING[language]})\b)"
    return [
        re.compile(one)
        for one in (
            rf"{_QUOTATION},? {verb} {_NAME}(?=[,.;\n]|$)",
            rf"{_QUOTATION},? {_NAME} {verb}",
            rf"(?:^|(?<=[.,;\n] )|(?<=\n)){_NAME} {verb}(?: {that})?:? {_QUOTATION}",
            rf"(?:^|(?<=[.,;] )|(?<=\n)){_NAME} {verb} (?P<content>{that} [^.\n]+)",
            rf"{according} {_NAME}, (?P<content>[^.\n]+)",
            rf"(?:^|(?<=\. )|(?<=\n))(?P<content>[^.\n]+), {according} {_NAME}(?=[,.;\n]|$)",
        )
    ]


def main() -> None:
    patterns = _patterns(given(_VERBS).language)

    def read(text: str) -> dict[str, Any]:
        found: list[dict[str, Any]] = []
        taken: list[tuple[int, int]] = []
        for match in (one for pattern in patterns for one in pattern.finditer(text)):
            start, end = match.span("content")
            if any(start < until and end > since for since, until in taken):
                continue
            taken.append((start, end))
            one = {"source": match.span("source"), "cue": match.span("cue")}
            found.append({**one, "content": [(start, end)]})
        return {"attributions": found, "spans": 3 * len(found), "outside": 0, "lost": 0}

    read_articles(read)


if __name__ == "__main__":
    main()
