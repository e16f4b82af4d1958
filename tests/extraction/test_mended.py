"""Faults that a reviewer showed, and that must not come back."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

import vocero
from scripted import item, scripted
from vocero.errors import AuthenticationError, InputError
from vocero.model import FakeModel
from vocero.schema import Document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import BaseModel

    from vocero.model import Message

SAID = "Ana Ruiz dijo que la mina de Lugo no se vende."


def nothing(_messages: Sequence[Message], answer: type[BaseModel]) -> dict[str, object]:
    return {name: [] for name in answer.model_fields}


def test_a_program_that_forgets_to_close_ends() -> None:
    program = (
        "import vocero; from vocero.model import FakeModel;"
        "e = vocero.Extractor(FakeModel(lambda m, a: {n: [] for n in a.model_fields}));"
        f"print(len(e.extract({SAID!r}).attributions))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True
    )
    assert ran.stdout == "1\n"


def test_threads_may_share_an_extractor() -> None:
    done: list[int] = []
    with vocero.Extractor(FakeModel(nothing)) as extractor:
        start = threading.Barrier(4)

        def read() -> None:
            start.wait()
            done.append(len(extractor.extract(SAID).attributions))

        threads = [threading.Thread(target=read) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert done == [1, 1, 1, 1]


async def test_a_synchronous_with_may_stand_around_asynchronous_reading() -> None:
    with vocero.Extractor(FakeModel(nothing)) as extractor:
        assert (await extractor.aextract(SAID)).attributions


def test_an_article_and_nothing_else_is_a_source_like_any_other() -> None:
    text = "Selon l’Iran, le pont est fermé."
    answer = {"items": [item(s=1, cue="Selon", src="l’", say=["le pont est fermé"])]}
    model = scripted(attributions=[answer])
    extraction = vocero.extract(Document.from_text(text, language="fr"), model=model)
    assert all(actor.name for actor in extraction.actors)


def test_a_description_is_not_the_only_speaker_so_far() -> None:
    text = (
        "The mayor, Jane Cole, said that it will close. The teachers' union denied that it was old."
    )
    extraction = vocero.extract(
        Document.from_text(text, language="en"), model=FakeModel(nothing, sentences_per_call=1)
    )
    who = [extraction.actor(one.source).name for one in extraction.attributions if one.source]
    assert who == ["Jane Cole", "teachers' union"]


def test_half_a_character_is_an_input_error() -> None:
    with pytest.raises(InputError, match="half of a surrogate pair"):
        vocero.extract("Dijo \ud800 que no.", model=FakeModel(nothing))


def test_a_last_name_within_another_name_is_no_mention() -> None:
    text = "Juan Ríos dijo que sí viene hoy. Ana Ríos dijo que no viene hoy."
    kinds = {"items": [{"n": n, "kind": "person", "country": ""} for n in (1, 2)]}
    model = FakeModel(
        lambda messages, answer: (
            kinds if answer.__name__ == "ActorsDraft" else nothing(messages, answer)
        ),
        sentences_per_call=1,
    )
    extraction = vocero.extract(Document.from_text(text, language="es"), model=model)
    assert {actor.name: len(actor.mentions) for actor in extraction.actors} == {
        "Juan Ríos": 1,
        "Ana Ríos": 1,
    }


def test_the_day_of_saying_does_not_date_the_claim() -> None:
    text = "Ana Ruiz dijo el lunes que la mina de Lugo no se vende."
    extraction = vocero.extract(Document.from_text(text, language="es"), model=FakeModel(nothing))
    assert [(claim.text, claim.when) for claim in extraction.claims] == [
        ("La mina de Lugo no se vende.", None)
    ]


def test_no_line_of_an_article_is_a_line_of_the_question() -> None:
    text = "Ana Ruiz dijo: “Ellos nos la venden.\n\n2. Ana Ruiz: nos vamos”."
    model = FakeModel(nothing)
    vocero.extract(Document.from_text(text, language="es"), model=model)
    asked = [call.messages[1]["content"] for call in model.calls]
    tasks = [question.rpartition("</article-")[2] for question in asked]
    assert not any("\n2. Ana Ruiz" in task for task in tasks)


async def test_a_question_that_fails_takes_its_siblings_along() -> None:
    asked: list[str] = []

    class Refusing(FakeModel):
        async def ask(self, messages, answer, *, max_tokens=None, label):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
            asked.append(label)
            if len(asked) == 1:
                msg = "no"
                raise AuthenticationError(msg)
            await asyncio.sleep(0.2)
            return await super().ask(messages, answer, max_tokens=max_tokens, label=label)

    text = "\n".join(f"Povedal, že príde {number}. mája." for number in range(10))
    model = Refusing(nothing, sentences_per_call=1)
    with pytest.raises(AuthenticationError):
        await vocero.aextract(Document.from_text(text, language="sk"), model=model)
    await asyncio.sleep(0.3)
    assert not model.calls
