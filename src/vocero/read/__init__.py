"""Reading articles: files, folders and standard input; text, Markdown, HTML, JSON and JSONL.

Text is decoded strictly and never altered. What cannot be read becomes one `InputError` that names
the file (and line) and the cure, and the other articles still run.
"""

from vocero.read.documents import LIMIT, read_document, read_documents

__all__ = ["LIMIT", "read_document", "read_documents"]
