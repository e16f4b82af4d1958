"""What Vocero's own work costs: CPU time by stage, and whether it grows with the text.

    python benchmarks/core.py [ARTICLE…]

Without articles the two of ``seeds/`` are taken. First comes the CPU time of each, in milliseconds;
then microseconds a character for texts of 1,000, 10,000 and 100,000 characters, put together of the
articles' lines: where a row grows, a step is not linear. ``all`` is a whole extraction but for the
model: its answers are those of `vocero.testing.grounded`, made beforehand.

Times are of the process and not of the clock, the least of several rounds. What is remembered
between articles (forms of words, folded words) is warm, as it is in a batch.
"""

from __future__ import annotations

import asyncio
import sys
import time
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any

import vocero
from vocero.extraction.article import Article
from vocero.extraction.by_code import read_by_code
from vocero.model import FakeModel
from vocero.schema import Document
from vocero.testing import grounded

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pydantic import BaseModel

    from vocero.model import Message

SEEDS = sorted((Path(__file__).parents[1] / "seeds").glob("*.txt"))
SIZES = (1_000, 10_000, 100_000)
CHARACTERS = 100_000
"""Each text is read until there are so many, three times at the least."""
# In the order of reading: each finds what the ones before it made.
STAGES: dict[str, Callable[[Article], object]] = {
    "sentences": lambda article: article.sentences,
    "quotations": lambda article: article.quotations,
    "cues": lambda article: article.cues,
    "reading": read_by_code,
    "names": lambda article: article.full_names,
}


def main(paths: Sequence[Path]) -> None:
    texts = [path.read_bytes().decode() for path in paths]
    print("ms of CPU an article")
    table({f"{len(text.split())} words": measured(text) for text in texts}, 1e3)
    print("\nµs of CPU a character")
    longer = {size: together(texts, size) for size in SIZES}
    table({f"{size:,}": measured(text) for size, text in longer.items()}, 1e6, SIZES)


def table(columns: dict[str, dict[str, float]], unit: float, sizes: Sequence[int] = ()) -> None:
    print(f"{'':<14}" + "".join(f"{head:>12}" for head in columns))
    shares = sizes or (1,) * len(columns)
    for stage in next(iter(columns.values())):
        cells = (
            one[stage] * unit / share for one, share in zip(columns.values(), shares, strict=True)
        )
        print(f"{stage:<14}" + "".join(f"{cell:>12.3f}" for cell in cells))


def together(texts: Sequence[str], size: int) -> str:
    """Take lines of the articles in turn until there are so many characters."""
    made = ""
    for line in cycle([line for text in texts for line in text.splitlines(keepends=True)]):
        if len(made) >= size:
            break
        made += line
    return made[:size]


def measured(text: str) -> dict[str, float]:
    """The least seconds of CPU that each stage takes on a text, and all of it."""
    rounds = [once(text) for _ in range(max(3, CHARACTERS // len(text)))]
    return {stage: min(one[stage] for one in rounds) for stage in rounds[0]}


def once(text: str) -> dict[str, float]:
    taken: dict[str, float] = {}
    begin = time.process_time()
    article = Article.of(Document.from_text(text))
    taken["language"] = time.process_time() - begin
    for name, stage in STAGES.items():
        begin = time.process_time()
        stage(article)
        taken[name] = time.process_time() - begin
    taken["by code"] = sum(taken.values())
    taken["all"] = whole(text)
    return taken


def whole(text: str) -> float:
    """Extract twice: once for the model's answers, once with them at hand."""
    answers: dict[tuple[str, str], str] = {}

    def think(messages: Sequence[Message], answer: type[BaseModel]) -> str:
        schema = {"name": answer.__name__, "schema": answer.model_json_schema()}
        wanted = {"type": "json_schema", "json_schema": schema}
        asked: dict[str, Any] = {"messages": list(messages), "response_format": wanted}
        return answers.setdefault((messages[-1]["content"], answer.__name__), grounded(asked))

    def remember(messages: Sequence[Message], answer: type[BaseModel]) -> str:
        return answers[messages[-1]["content"], answer.__name__]

    document = Document.from_text(text)
    asyncio.run(vocero.aextract(document, model=FakeModel(think)))

    async def timed() -> float:
        begin = time.process_time()
        await vocero.aextract(text, model=FakeModel(remember))
        return time.process_time() - begin

    return asyncio.run(timed())


if __name__ == "__main__":
    main([Path(one) for one in sys.argv[1:]] or SEEDS)
