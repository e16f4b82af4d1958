"""`vocero eval`: how well articles are read, measured on somebody's gold."""

from __future__ import annotations

import functools
import json
import sys
from contextlib import ExitStack, nullcontext
from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from vocero.cli.exits import INTERRUPTED, SOME_FAILED
from vocero.cli.options import BaseUrl, MinConfidence, ModelName  # noqa: TC001 - Typer reads the annotations
from vocero.cli.terminal import say
from vocero.errors import SettingsError, VoceroError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from vocero.cli.progress import ProgressBar
    from vocero.evaluate import Annotation, Gold, Selection
    from vocero.extraction import Extractor
    from vocero.schema import Extraction

_ON = "with --journal the next run goes on where the last one stopped"


def evaluate(
    gold: Annotated[
        Path,
        typer.Argument(
            metavar="GOLD", exists=True, dir_okay=False, help="Annotated articles, as JSONL."
        ),
    ],
    *,
    pred: Annotated[
        Path | None,
        typer.Option(
            "--pred", exists=True, dir_okay=False, help="Score these predictions; ask no model."
        ),
    ] = None,
    model: ModelName = None,
    base_url: BaseUrl = None,
    min_confidence: MinConfidence = None,
    types: Annotated[
        str | None, typer.Option("--types", help="Score these only: direct,indirect,mixed.")
    ] = None,
    speech: Annotated[
        bool, typer.Option("--speech", help="Score only what the gold marks as reported speech.")
    ] = False,
    lexicon: Annotated[
        Path | None,
        typer.Option(
            "--lexicon",
            exists=True,
            dir_okay=False,
            help="Reporting words, one a line; what else is predicted by other cues is not counted.",
        ),
    ] = None,
    sample: Annotated[
        int | None, typer.Option("--sample", min=1, help="Only so many articles, drawn at random.")
    ] = None,
    seed: Annotated[
        int, typer.Option("--seed", help="Of the drawing; one seed draws the same everywhere.")
    ] = 0,
    journal: Annotated[
        Path | None,
        typer.Option(
            "--journal",
            dir_okay=False,
            help="Keep answers here, to go on after a stop. It holds the articles.",
        ),
    ] = None,
    save: Annotated[
        Path | None,
        typer.Option("--save", dir_okay=False, help="Write the predictions to this new file."),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option("--html", dir_okay=False, help="Write the comparison to this new page."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace --save and --html if they exist.")
    ] = False,
    errors: Annotated[
        int, typer.Option("--errors", min=0, help="How many errors of each kind to show.")
    ] = 5,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print everything as one line of JSON.")
    ] = False,
) -> None:
    """Measure how well articles are read: against gold, with 95 % intervals, and where it errs.

    The articles of the gold are read by the model, or --pred holds what was predicted for them.
    """
    if pred and any(one is not None for one in (model, base_url, min_confidence, journal, save)):
        msg = (
            "--pred scores what is there: "
            "leave out --model, --base-url, --min-confidence, --journal and --save"
        )
        raise SettingsError(msg)
    if save and save == html:
        msg = f"--save and --html both name {str(save)!r}: name two files"
        raise SettingsError(msg)
    # As with all commands: imported when they run, so that --help is quick.
    from vocero.cli.output import open_lines  # noqa: PLC0415
    from vocero.cli.scores import Report  # noqa: PLC0415
    from vocero.evaluate import read_gold, read_predictions  # noqa: PLC0415
    from vocero.evaluate import sample as draw  # noqa: PLC0415

    selection = _selection(types, lexicon, speech=speech)
    golds = read_gold(gold)
    chosen = draw(golds, sample, seed) if sample else golds
    inputs = [str(one) for one in (gold, pred, lexicon, journal) if one]
    with ExitStack() as open_files:
        keep, publish = (
            open_files.enter_context(open_lines(one, inputs=inputs, force=force)) if one else None
            for one in (save, html)
        )
        predicted = (
            read_predictions(pred, golds)
            if pred
            else _ask(chosen, model, base_url, journal, keep, min_confidence=min_confidence)
        )
        report = Report(chosen, predicted, selection)
        if missing := report.unpredicted:
            say(f"vocero: {missing} of {len(chosen)} articles without a prediction count as empty")
        if publish:
            publish(report.page(gold.name).rstrip())
        if as_json:
            typer.echo(json.dumps(report.as_json()))
        else:
            report.print(errors)
    if report.unpredicted and not pred:
        raise typer.Exit(SOME_FAILED)


def _selection(types: str | None, lexicon: Path | None, *, speech: bool) -> Selection:
    from vocero.evaluate import Selection  # noqa: PLC0415
    from vocero.read.decode import decode  # noqa: PLC0415
    from vocero.schema import Speech  # noqa: PLC0415

    known = get_args(Speech)
    wanted = frozenset(types.split(",")) if types else None
    for one in sorted(wanted or ()):
        if one not in known:
            msg = f"--types has {one!r}: name some of {','.join(known)}, with commas between them"
            raise SettingsError(msg)
    words = decode(lexicon.read_bytes(), repr(str(lexicon))).lower() if lexicon else None
    return Selection(
        types=cast("frozenset[Speech] | None", wanted),
        reported_only=speech,
        lexicon=None if words is None else frozenset(map(str.strip, words.splitlines())) - {""},
    )


def _ask(
    golds: Sequence[Gold],
    model: str | None,
    base_url: str | None,
    journal: Path | None,
    keep: Callable[[str], None] | None,
    *,
    min_confidence: float | None,
) -> dict[str, tuple[Annotation, ...]]:
    """Have a model read the articles; return what it found, by the articles' ids."""
    from vocero.cli.answering import bring_model, who_answers  # noqa: PLC0415
    from vocero.cli.progress import ProgressBar  # noqa: PLC0415
    from vocero.model import ModelSettings  # noqa: PLC0415

    settings = ModelSettings.resolve(model, base_url=base_url)
    say(f"model: {who_answers(settings)}")
    # Not before the first line: they take a second.
    from vocero.corpus import Journal, Journaled  # noqa: PLC0415
    from vocero.extraction import Extractor  # noqa: PLC0415
    from vocero.model import connect  # noqa: PLC0415

    progress = ProgressBar(shown=sys.stderr.isatty(), articles=len(golds))
    bring = functools.partial(bring_model, settings, quiet=False)
    asked = connect(model, base_url=base_url, on_call=progress.called)
    with Journal(journal) if journal else nullcontext() as kept:
        asked = Journaled(asked, kept) if kept else asked
        extractor = Extractor(asked, min_confidence=min_confidence)
        return _read(golds, extractor, keep, progress, bring)


def _read(
    golds: Sequence[Gold],
    extractor: Extractor,
    keep: Callable[[str], None] | None,
    progress: ProgressBar,
    prepare: Callable[[], object],
) -> dict[str, tuple[Annotation, ...]]:
    """Read the articles; say where it ends before their end.

    Raises:
        typer.Exit: it was interrupted, or could read none of them.
    """
    from vocero.cli.run import Run  # noqa: PLC0415
    from vocero.evaluate import annotations_of, prediction  # noqa: PLC0415

    predicted: dict[str, tuple[Annotation, ...]] = {}

    def take(extraction: Extraction) -> None:
        if keep:
            keep(json.dumps(prediction(extraction), ensure_ascii=False))
        predicted[extraction.document.id] = annotations_of(extraction)

    run = Run(extractor, take, progress, prepare=prepare)
    try:
        run(one.document for one in golds)
    except KeyboardInterrupt:
        say(f"vocero: interrupted; {run.done} of {len(golds)} articles read; {_ON}")
        raise typer.Exit(INTERRUPTED) from None
    except VoceroError:
        say(f"vocero: stopped; {run.done} of {len(golds)} articles read; {_ON}")
        raise
    if not run.done:
        raise typer.Exit(SOME_FAILED)
    return predicted
