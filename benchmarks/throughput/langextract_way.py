"""LangExtract as its documentation has it, over articles in JSON lines; prints what it took.

Runs with the Python that LangExtract is installed for; nothing of Vocero is needed there.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import langextract as lx

from measuring import measuring

PROMPT = "Extract every quotation with its speaker. Use exact text. Do not paraphrase."
EXAMPLE = "“The bridge is safe,” said Ada Ruiz. It was built in 1961."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--articles", type=Path, required=True)
    parser.add_argument("--in-flight", type=int, help="best setting with so many; else defaults")
    given = parser.parse_args()
    quotation = lx.data.Extraction(
        extraction_class="attribution",
        extraction_text="“The bridge is safe,”",
        attributes={"speaker": "Ada Ruiz"},
    )
    examples = [lx.data.ExampleData(text=EXAMPLE, extractions=[quotation])]
    read = [json.loads(line)["text"] for line in given.articles.read_text().splitlines()]
    texts = [lx.data.Document(text=text) for text in read]
    # Whole articles in one request, and no barrier between batches.
    best = {
        "max_char_buffer": 10_000,
        "batch_length": len(texts),
        "max_workers": given.in_flight,
    }

    def extract(documents: list[lx.data.Document]) -> list[lx.data.AnnotatedDocument]:
        got = lx.extract(
            documents,
            prompt_description=PROMPT,
            examples=examples,
            model_id="gpt-4o-mini",
            api_key="x",
            model_url=given.url,
            show_progress=False,
            **(best if given.in_flight else {}),
        )
        return list(got)

    extract([lx.data.Document(text=EXAMPLE)])
    with measuring(given.url) as took:
        got = extract(texts)
    took["lost"] = len(texts) - sum(bool(one.extractions) for one in got)
    print(json.dumps(took))


if __name__ == "__main__":
    main()
