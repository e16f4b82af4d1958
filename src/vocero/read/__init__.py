"""Reading articles: texts, pages, records, tables and archives, from files and standard input.

Text is decoded strictly and never altered. What cannot be read becomes one `InputError` that names
the file (and line) and the cure, and the other articles still run.
"""

from vocero.read.counting import count_documents
from vocero.read.documents import LIMIT, read_document, read_documents
from vocero.read.fields import parse_fields
from vocero.read.folders import expand_patterns

__all__ = [
    "LIMIT",
    "count_documents",
    "expand_patterns",
    "parse_fields",
    "read_document",
    "read_documents",
]
