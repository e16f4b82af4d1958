"""What models that stand before another one have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vocero.model.answer import Model
    from vocero.model.usage import Price

__all__ = ["Front"]


class Front:
    """Says of itself what the model behind it says; how it answers is its own affair.

    Attributes:
        model: The one behind.
        parameters: Its parameters, as they were at the beginning.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self.parameters: Mapping[str, object] = dict(model.parameters)

    @property
    def name(self) -> str:
        """The model as the user named it."""
        return self.model.name

    @property
    def where(self) -> str:
        """For people: the address that answers."""
        return self.model.where

    @property
    def sentences_per_call(self) -> int | None:
        """How many sentences to ask about at once; None: as many as fit."""
        return self.model.sentences_per_call

    @property
    def price(self) -> Price | None:
        """What tokens cost; None if unknown."""
        return self.model.price

    async def aclose(self) -> None:
        """Close the model behind."""
        await self.model.aclose()
