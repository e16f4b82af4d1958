"""Vocero: `vocero.extract`, with everything it does: actors and claims as well as attributions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vocero import Document, Extractor, VoceroError
from vocero.evaluate import prediction
from vocero.model import connect
from worker import TIMEOUT, given, read_articles

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from vocero import Extraction, Span
    from vocero.model import Answer, Message, Model, Price
    from vocero.model.answer import DraftT


@dataclass(frozen=True)
class OneSentence:
    """A model that is asked about one sentence at a time, as the embedded one is."""

    model: Model
    sentences_per_call: int = 1

    @property
    def name(self) -> str:
        return self.model.name

    @property
    def where(self) -> str:
        return self.model.where

    @property
    def price(self) -> Price | None:
        return self.model.price

    @property
    def parameters(self) -> Mapping[str, object]:
        return self.model.parameters

    async def ask(
        self,
        messages: Sequence[Message],
        answer: type[DraftT],
        *,
        max_tokens: int | None = None,
        label: str,
    ) -> Answer[DraftT]:
        return await self.model.ask(messages, answer, max_tokens=max_tokens, label=label)

    async def aclose(self) -> None:
        await self.model.aclose()


def main() -> None:
    told = given()
    model = connect(
        told.model,
        base_url=told.url,
        timeout=TIMEOUT,
        concurrency=1 if told.small else None,
        mode="json_schema" if told.small else None,
    )
    with Extractor(OneSentence(model) if told.small else model) as extractor:

        def read(text: str) -> dict[str, Any]:
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
                "lost": 0,
            }

        read_articles(read)


def _spans(got: Extraction) -> Iterator[Span]:
    for one in got.attributions:
        yield from one.content
        yield from (span for span in (one.source_span, one.cue_span) if span)


if __name__ == "__main__":
    main()
