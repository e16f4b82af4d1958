"""`vocero batch` whole, in this process: inputs read, articles asked about, grounded, journaled and
written; prints what it took."""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from pathlib import Path

from measuring import measuring
from vocero.corpus import Batch
from vocero.read import read_documents

WARM_UP = 20


def run(folder: Path, articles: Path, given: argparse.Namespace) -> Batch:
    """Run over a file of articles into a new folder."""
    batch = Batch(
        folder,
        "mock",
        base_url=given.url,
        api_key="x",
        concurrency=given.in_flight,
        processes=given.processes,
    )
    assert asyncio.run(batch.run(read_documents([articles])))
    return batch


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--articles", type=Path, required=True)
    parser.add_argument("--in-flight", type=int, required=True)
    parser.add_argument("--processes", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.articles.parent) as name:
        folder = Path(name)
        with given.articles.open(encoding="utf-8") as lines:
            first = [line for line, _ in zip(lines, range(WARM_UP), strict=False)]
        (folder / "few.jsonl").write_text("".join(first), encoding="utf-8")
        if given.processes == 1:  # others warm up for themselves
            run(folder / "few", folder / "few.jsonl", given)
        with measuring(given.url) as took:
            batch = run(folder / "run", given.articles, given)
        took["lost"] = batch.progress.summary.failed
        if given.processes > 1:
            took["peak"] += given.processes * took["child_peak"]
        print(json.dumps(took))


if __name__ == "__main__":
    main()
