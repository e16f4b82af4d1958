"""Pure functions over an article's text: no I/O, no model.

`locate` finds a model's quote in the article, never fuzzily; `sentences`, `quotations`, `speech`
and `find_cues` say what punctuation and closed word lists can tell; `vocero.text.contents` and
`vocero.text.sources` turn them into proposals of who says what.
"""

from vocero.text.cues import Cue, find_cues
from vocero.text.language import detect_language
from vocero.text.locate import TextIndex, locate
from vocero.text.quotes import Quotation, quotations
from vocero.text.sentences import sentences
from vocero.text.speech import speech

__all__ = [
    "Cue",
    "Quotation",
    "TextIndex",
    "detect_language",
    "find_cues",
    "locate",
    "quotations",
    "sentences",
    "speech",
]
