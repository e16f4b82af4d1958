"""Vocero: `vocero.extract`, with everything it does: actors and claims as well as attributions.

A "lost" piece is a question that found no answer; what it asked about is then missing.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from vocero import Document, Extractor, ModelError, VoceroError
from vocero.evaluate import prediction
from vocero.model import connect, spent_on
from vocero.model.front import Front
from worker import TIMEOUT, given, read_articles

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vocero import Extraction, Span
    from vocero.model import Answer, Message, Model
    from vocero.model.answer import DraftT


class Watched(Front):
    """A model, and what each kind of question takes.

    Attributes:
        sentences_per_call: One, as the embedded model says; None: as many as fit.
        output: Tokens of answers, by question.
        lost: Questions to which there was no answer in the end.
    """

    sentences_per_call: int | None = None

    def __init__(self, model: Model, sentences_per_call: int | None) -> None:
        super().__init__(model)
        self.sentences_per_call = sentences_per_call
        self.output: Counter[str] = Counter()
        self.lost = 0

    async def ask(
        self,
        messages: Sequence[Message],
        answer: type[DraftT],
        *,
        max_tokens: int | None = None,
        label: str,
    ) -> Answer[DraftT]:
        try:
            got = await self.model.ask(messages, answer, max_tokens=max_tokens, label=label)
        except ModelError as error:
            self.lost += 1
            self.output[label] += spent_on(error).usage.output_tokens or 0
            raise
        self.output[label] += got.usage.output_tokens or 0
        return got


def main() -> None:
    told = given()
    model = connect(
        told.model,
        base_url=told.url,
        timeout=TIMEOUT,
        concurrency=1 if told.small else None,
        mode="json_schema" if told.small else None,
    )
    watched = Watched(model, 1 if told.small else None)
    with Extractor(watched) as extractor:

        def read(text: str) -> dict[str, Any]:
            watched.output.clear()
            watched.lost = 0
            try:
                got = extractor.extract(Document.from_text(text, language=told.language))
            except VoceroError as error:
                print(f"Vocero: {error}")
                return {"attributions": [], "spans": 0, "outside": 0, "lost": 1}
            spans = list(_spans(got))
            return {
                "attributions": prediction(got)["attributions"],
                "spans": len(spans),
                "outside": sum(text[one.start : one.end] != one.text for one in spans),
                "lost": watched.lost,
                "output_by_question": dict(watched.output),
            }

        read_articles(read)


def _spans(got: Extraction) -> Iterator[Span]:
    for one in got.attributions:
        yield from one.content
        yield from (span for span in (one.source_span, one.cue_span) if span)


if __name__ == "__main__":
    main()
