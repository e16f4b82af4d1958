"""Read an article with the installed wheel: its prompts, lexicons and data files must have come along."""

import importlib.resources
from pathlib import Path

import vocero
from vocero.model import FakeModel

TEXT = (
    "Ana Ruiz, alcaldesa de Lugo, dijo que la mina del valle no se vende a nadie. “Es nuestra casa y "
    "la de nuestros hijos”, dijo Ana Ruiz."
)

if (Path.cwd() / "src").exists():
    raise SystemExit("this check has to run outside the checkout")
if not (importlib.resources.files("vocero") / "prompts" / "system.jinja").is_file():
    raise SystemExit("the wheel has no prompts")
model = FakeModel(lambda _messages, answer: {name: [] for name in answer.model_fields})
extraction = vocero.extract(TEXT, model=model)
if [one.content[0].text for one in extraction.attributions] != [
    "que la mina del valle no se vende a nadie",
    "“Es nuestra casa y la de nuestros hijos”",
]:
    raise SystemExit(f"the wheel reads {extraction.attributions!r}")
if not model.calls or TEXT.split(". ", maxsplit=1)[0] not in model.calls[0].messages[1]["content"]:
    raise SystemExit("the wheel asks no model")
