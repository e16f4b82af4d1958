"""Who said what, as Vocero and others find it: one model endpoint, the same articles, one table.

    vocero serve    # or any OpenAI-compatible endpoint; its OPENAI_… lines go into the environment
    python benchmarks/quality/compare.py FOLDER --shortest 6 --small --peers-python PATH [WAY …]

Every way reads article by article in a process of its own and asks the model through a proxy here
that counts tokens. What was found goes into FOLDER, one file a way: articles that are in it are not
read again, so that a run can be stopped and gone on with; delete a file to have them read anew.
Ways without a model run too. The scores are those of score.py in the folder --eval.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from counting import Counts, counting
from scoring import Record, table
from vocero.evaluate import read_gold, sample

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from vocero.schema import Document

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Way:
    """One line of the table."""

    script: str
    peer: bool = True
    """It runs in the peers' environment."""
    asks: bool = True
    """It asks the model."""


WAYS = {
    "Vocero": Way("with_vocero.py", peer=False),
    "LangExtract": Way("with_langextract.py"),
    "Instructor": Way("with_instructor.py"),
    "textacy": Way("with_textacy.py", asks=False),
    "regex": Way("with_regex.py", peer=False, asks=False),
}


def main() -> None:
    asked = _arguments()
    golds = read_gold(asked.eval / "dev" / f"{asked.set}.dev.jsonl")
    if asked.shortest:
        golds = sorted(golds, key=lambda one: len(one.document.text))[: asked.shortest]
    elif asked.sample:
        golds = sample(golds, asked.sample, asked.seed)
    documents = [one.document for one in golds]
    asked.folder.mkdir(parents=True, exist_ok=True)
    read = {}
    for name in asked.ways or WAYS:
        file = asked.folder / f"{asked.set}.{name}.jsonl"
        _go_on(name, file, documents, asked)
        records = _records(file)
        read[name] = [records[one.id] for one in documents if one.id in records]
    print(table(asked.eval, asked.set, [one.id for one in documents], read))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="keeps what was found")
    parser.add_argument("ways", nargs="*", metavar="WAY", help=f"of {', '.join(WAYS)}")
    parser.add_argument(
        "--eval", type=Path, default=Path("../shared/eval"), help="score.py's folder"
    )
    parser.add_argument("--set", default="wikinews_es", help="dev/NAME.dev.jsonl there")
    parser.add_argument("--shortest", type=int, metavar="N", help="the N shortest articles")
    parser.add_argument("--sample", type=int, metavar="N", help="those of vocero eval --sample")
    parser.add_argument("--seed", type=int, default=0, help="of --sample")
    parser.add_argument("--model", default="qwen2.5-coder-1.5b-instruct-q4_k_m")
    parser.add_argument("--small", action="store_true", help="it reads one sentence a call: Vocero")
    parser.add_argument("--peers-python", type=Path, metavar="PATH", help="see requirements.txt")
    given = parser.parse_intermixed_args()
    if unknown := set(given.ways) - set(WAYS):
        parser.error(f"no way {', '.join(sorted(unknown))}; there are {', '.join(WAYS)}")
    if not (given.eval / "score.py").is_file():
        parser.error(f"{given.eval} holds no score.py: name its folder with --eval")
    return given


def _records(file: Path) -> dict[str, Record]:
    if not file.exists():
        return {}
    with file.open(encoding="utf-8") as lines:
        return {one["doc_id"]: one for one in map(json.loads, lines)}


def _go_on(name: str, file: Path, documents: Sequence[Document], asked: argparse.Namespace) -> None:
    """Read the articles that are not in the file, and add each as soon as it is read."""
    there = _records(file)
    if others := {one["model"] for one in there.values()} - {None, asked.model}:
        raise SystemExit(f"{file} was read with {', '.join(others)}: name another FOLDER")
    missing = [one for one in documents if one.id not in there]
    if not missing:
        return
    way = WAYS[name]
    if way.peer and asked.peers_python is None:
        print(f"{name}: left out, without --peers-python", file=sys.stderr)
        return
    with ExitStack() as stack:
        url, counts = stack.enter_context(_endpoint()) if way.asks else ("", Counts())
        options = ["--language", missing[0].language or "", "--url", url, "--model", asked.model]
        options += ["--small"] if asked.small else []
        python = str(asked.peers_python) if way.peer else sys.executable
        ask = stack.enter_context(_worker([python, str(HERE / way.script), *options]))
        lines = stack.enter_context(file.open("a", encoding="utf-8"))
        for number, document in enumerate(missing, 1):
            before, started = Counts(**vars(counts)), time.perf_counter()
            found = ask({"text": document.text})
            seconds = time.perf_counter() - started
            passed = counts.since(before)
            if passed["unreachable"]:
                raise SystemExit("the endpoint does not answer: start it, then run this again")
            record = {"doc_id": document.id, "model": asked.model if way.asks else None, **found}
            record |= {"seconds": seconds, "load": os.getloadavg()[0], **passed}
            lines.write(f"{json.dumps(record, ensure_ascii=False)}\n")
            lines.flush()
            print(f"{name}: {number} of {len(missing)}, {seconds:.0f} s", file=sys.stderr)


def _endpoint() -> AbstractContextManager[tuple[str, Counts]]:
    try:
        return counting(os.environ["OPENAI_BASE_URL"], os.environ.get("OPENAI_API_KEY", ""))
    except KeyError:
        raise SystemExit("OPENAI_BASE_URL is not set: take it from `vocero serve`") from None


@contextmanager
def _worker(command: list[str]) -> Iterator[Callable[[dict[str, Any]], dict[str, Any]]]:
    """Start a reader; yield what hands it an article and takes what it found."""
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdin
        assert process.stdout
        stdin, stdout = process.stdin, process.stdout

        def line() -> dict[str, Any]:
            if not (told := stdout.readline()):
                raise SystemExit(
                    f"{command[1]} ended with {process.wait()}: see what it said above"
                )
            answer: dict[str, Any] = json.loads(told)
            return answer

        def ask(article: dict[str, Any]) -> dict[str, Any]:
            stdin.write(f"{json.dumps(article)}\n")
            stdin.flush()
            return line()

        try:
            line()
            yield ask
        finally:
            stdin.close()
            process.terminate()


if __name__ == "__main__":
    main()
