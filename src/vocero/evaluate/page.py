"""The comparison of gold and prediction as a page that needs nothing but itself.

Whatever comes from articles and files is escaped, isolated in its direction of writing, and shown;
the page's policy forbids scripts, images and connections, should any of it be markup all the same.
"""

from __future__ import annotations

import re
from collections import Counter
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from vocero.evaluate.marks import GAP, Excerpts
from vocero.evaluate.scores import score
from vocero.evaluate.verdicts import FAULTS, verdicts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from vocero.evaluate.compare import Comparison
    from vocero.evaluate.marks import Run
    from vocero.evaluate.scores import Score
    from vocero.evaluate.verdicts import Verdict

__all__ = ["page"]

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
# HTML allows no control characters but these white ones.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_SHORT: Final = {"source": "who", "cue": "how", "content": "what"}
_HEADLINES: Final = (
    ("attr.content_src", "who said what"),
    ("attr.detect50", "attributions found"),
    ("content.exact", "contents, the same words"),
    ("content.soft", "contents, share of words"),
    ("source.overlap", "sources, a word in common"),
    ("cue.overlap", "cues, a word in common"),
    ("attr.joint_exact", "everything the same"),
    ("attr.stance_acc", "stance, of those paired"),
    ("elided.actor", "elided speaker named right"),
    ("nested.found", "nested ones found"),
)
_LEGEND: Final = """
<p class="legend">In each sentence <span class="run source"><i>who</i>the source</span>,
<span class="run cue"><i>how</i>the cue</span> and
<span class="run content"><i>what</i>the content</span> are marked;
<span class="run content"><del>struck through</del></span>: words of the gold that the prediction
lacks in that role; <span class="run content"><ins>underlined twice</ins></span>: words that only the
prediction has. Punctuation does not count.</p>
"""


def page(title: str, comparisons: Iterable[Comparison], scores: Mapping[str, Score]) -> str:
    """Return the comparison as HTML, the articles with most errors first.

    Args:
        title: What was compared.
        comparisons: One an article.
        scores: Of all of them.
    """
    judged = [_Article(number, one) for number, one in enumerate(comparisons, start=1)]
    judged.sort(key=lambda one: -one.errors)
    style = files("vocero.evaluate").joinpath("page.css").read_text(encoding="utf-8")
    return "".join(
        (
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n',
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
            f"<title>{_safe(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n",
            f"<h1>{_safe(title)}</h1>\n",
            _summary(scores),
            _list(judged),
            _LEGEND,
            *(part for one in judged for part in one.section()),
            "</body>\n</html>\n",
        )
    )


class _Article:
    """One article's part of the page."""

    def __init__(self, number: int, comparison: Comparison) -> None:
        self.anchor = f"a{number}"
        self.document = comparison.gold.document
        self.verdicts = verdicts(comparison)
        self.wanted, self.found = len(comparison.wanted), len(comparison.found)
        self.f1 = score([comparison], resamples=0)["attr.content_src"].value
        self.faults = Counter(fault for one in self.verdicts for fault in one.faults)
        self.errors = sum(bool(one.faults) for one in self.verdicts)

    def section(self) -> Iterator[str]:
        language = f' lang="{self.document.language}"' if self.document.language else ""
        yield f'<section id="{self.anchor}">\n<h2><bdi>{_safe(self.document.id)}</bdi></h2>\n'
        yield f'<p class="counts">{_safe(self._counts())}</p>\n<div{language}>\n'
        excerpts = Excerpts(self.document)
        yield from (_card(one, excerpts) for one in self.verdicts if one.faults)
        if right := [one for one in self.verdicts if not one.faults]:
            yield f'<details><summary lang="en">{len(right)} right</summary>\n'
            yield from (_card(one, excerpts) for one in right)
            yield "</details>\n"
        yield "</div>\n</section>\n"

    def _counts(self) -> str:
        counts = [f"{self.wanted} in the gold", f"{self.found} predicted"]
        counts += [f"{self.faults[fault]} {fault}" for fault in FAULTS if self.faults[fault]]
        return " · ".join([*counts, f"who said what F1 {100 * self.f1:.1f}"])


def _summary(scores: Mapping[str, Score]) -> str:
    rows = [
        f'<tr><th scope="row">{told} <code>{name}</code></th>'
        f"<td>{_percent(one.precision)}</td><td>{_percent(one.recall)}</td>"
        f"<td>{_percent(one.value)}</td>"
        f"<td>{f'{_percent(one.low)} – {_percent(one.high)}' if one.low is not None else ''}</td></tr>\n"
        for name, told in _HEADLINES
        if (one := scores.get(name))
    ]
    heads = ("measure", "precision", "recall", "F1 or share", "95 % interval")
    return _table("All articles, in percent", heads, rows)


def _list(articles: Sequence[_Article]) -> str:
    rows = [
        f'<tr><th scope="row"><a href="#{one.anchor}"><bdi>{_safe(one.document.id)}</bdi></a></th>'
        f"<td>{one.wanted}</td><td>{one.found}</td>"
        + "".join(f"<td>{one.faults[fault]}</td>" for fault in FAULTS)
        + f"<td>{_percent(one.f1)}</td></tr>\n"
        for one in articles
    ]
    heads = ("article", "gold", "predicted", *FAULTS, "F1")
    return _table("Articles, most errors first", heads, rows)


def _table(caption: str, heads: Iterable[str], rows: Iterable[str]) -> str:
    head = "".join(f'<th scope="col">{one}</th>' for one in heads)
    return (
        f'<div class="wide"><table>\n<caption>{caption}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{''.join(rows)}</tbody>\n</table></div>\n"
    )


def _card(verdict: Verdict, excerpts: Excerpts) -> str:
    label = ", ".join(verdict.faults) or "right"
    sides = (
        ("gold", verdict.gold, excerpts.gold(verdict), "del"),
        ("predicted", verdict.predicted, excerpts.predicted(verdict), "ins"),
    )
    rows = [
        f'<dt lang="en">{side}{_told(one.stance, one.actor)}</dt>'
        f"<dd><bdi>{_stretches(stretches, tag)}</bdi></dd>\n"
        for side, one, stretches, tag in sides
        if one
    ]
    kind = verdict.faults[0].replace(" ", "-") if verdict.faults else "right"
    return f'<article class="{kind}"><h3 lang="en">{label}</h3>\n<dl>\n{"".join(rows)}</dl></article>\n'


def _told(stance: str | None, actor: str | None) -> str:
    told = [_safe(stance)] if stance else []
    told += [f"<bdi>{_safe(actor)}</bdi>"] if actor else []
    return f" <small>{' · '.join(told)}</small>" if told else ""


def _stretches(stretches: Iterable[Sequence[Run]], tag: str) -> str:
    return GAP.join("".join(_run(run, tag) for run in runs) for runs in stretches)


def _run(run: Run, tag: str) -> str:
    inner = "".join(
        f"<{tag}>{_safe(text)}</{tag}>" if differs else _safe(text) for text, differs in run.pieces
    )
    if run.role is None:
        return inner
    return f'<span class="run {run.role}"><i lang="en">{_SHORT[run.role]}</i>{inner}</span>'


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f}"


def _safe(text: str) -> str:
    return escape(_CONTROLS.sub("�", text))
