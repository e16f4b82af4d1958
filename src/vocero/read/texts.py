"""What every article must be, whatever it was read from: there, of bearable length, sendable."""

from __future__ import annotations

from vocero.errors import InputError


def check_text(text: str, name: str, limit: int) -> None:
    """Raise `InputError` unless the text can be an article.

    Args:
        text: The article.
        name: What to call it in the message, e.g. ``'a.jsonl', line 3``.
        limit: Code points it may have.
    """
    if not text or text.isspace():
        raise InputError(f"{name} is empty; give it the text of an article or leave it out")
    if len(text) > limit:
        raise too_long(name, limit)
    if "\0" in text:
        raise InputError(f"{name} holds a NUL character, as binary data does; give it plain text")
    check_unicode(text, name)


def check_unicode(value: str, name: str) -> None:
    r"""Raise `InputError` if a string holds half a surrogate pair, as JSON's ``\ud800`` can say."""
    try:
        value.encode()
    except UnicodeEncodeError as error:
        half = f"\\u{ord(value[error.start]):04x}"
        raise InputError(
            f"{name} holds {half}, half of a surrogate pair; write the character whole"
        ) from None


def too_long(name: str, limit: int) -> InputError:
    """Return the error for an article of more than ``limit`` code points."""
    return InputError(
        f"{name} is longer than the limit of {limit:,} code points; split it or raise the limit"
    )
