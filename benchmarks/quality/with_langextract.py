"""LangExtract as its documentation has it: instructions, worked examples, a schema made of them.

An attribution is an extraction whose text is the content; source and cue are its attributes, as
relations are in its guide. A content in two pieces is two extractions with the same cue. Its OpenAI
provider constrains answers to a schema, so they need no fences; the other settings are argued below.
"""

from __future__ import annotations

import logging
import warnings
from typing import Any

import langextract as lx
from langextract.core.exceptions import LangExtractError

from placing import Draft, placed
from worker import MAX_TOKENS, TAUGHT, TIMEOUT, given, read_articles, task

_SETTINGS: dict[str, Any] = {
    # The default. Its guide has smaller ones for recall: see docs/quality.md for what they gave.
    "max_char_buffer": 1000,
    # For pronouns and elided speakers, whose names are in the chunk before.
    "context_window_chars": 200,
    # At temperature 0 a second pass repeats the first.
    "extraction_passes": 1,
    "temperature": 0.0,
    "max_workers": 1,
    "batch_length": 1,
    "show_progress": False,
    # It cannot check an example in which there is nothing to find, and without one a model finds
    # something everywhere.
    "prompt_validation_level": lx.prompt_validation.PromptValidationLevel.OFF,
}


class _Omitted(logging.Handler):
    """Counts the chunks that LangExtract leaves out because it cannot parse the answer."""

    count = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.count += record.getMessage().startswith("Chunk omitted")


def main() -> None:
    told = given(TAUGHT)
    warnings.simplefilter("ignore")  # that the model has its schema already, which is wanted
    omitted = _Omitted()
    logging.getLogger("absl").addHandler(omitted)
    config = lx.factory.ModelConfig(
        model_id=told.model,
        provider="OpenAILanguageModel",
        provider_kwargs={
            "api_key": "none",
            "base_url": told.url,
            "temperature": 0.0,
            "max_output_tokens": MAX_TOKENS,
            "max_workers": 1,
        },
    )
    taught = task(told.language)
    examples = [_example(one) for one in taught["examples"]]
    model = lx.factory.create_model(config, examples=examples, use_schema_constraints=True)
    # It has no setting for it, and a slow model takes more than its client's ten minutes.
    model._client.timeout = TIMEOUT  # noqa: SLF001

    def read(text: str) -> dict[str, Any]:
        omitted.count = 0
        try:
            got = lx.extract(
                text,
                prompt_description="\n".join(taught["instructions"]),
                examples=examples,
                model=model,
                **_SETTINGS,
            )
        except LangExtractError as error:
            print(f"LangExtract: {error!r:.300}")
            return {"attributions": [], "spans": 0, "outside": 0, "lost": 1}
        drafts = [_draft(one) for one in got.extractions or []]
        return {**placed(text, drafts), "lost": omitted.count}

    read_articles(read)


def _example(one: dict[str, Any]) -> lx.data.ExampleData:
    extractions = [
        lx.data.Extraction(
            extraction_class="content",
            extraction_text=piece,
            attributes={"source": told["source"], "cue": told["cue"]},
        )
        for told in one["attributions"]
        for piece in told["content"]
    ]
    return lx.data.ExampleData(text=one["text"], extractions=extractions)


def _draft(one: lx.data.Extraction) -> Draft:
    told = one.attributes or {}
    where = one.char_interval
    at = (where.start_pos, where.end_pos) if where else None
    source, cue = (
        value if isinstance(value := told.get(name), str) else None for name in ("source", "cue")
    )
    return Draft(source, cue, [one.extraction_text], [at])


if __name__ == "__main__":
    main()
