"""Puts records into a journal until it is killed; prints the key of each once it is acknowledged.

Usage: python journal_writer.py FILE NAME [COUNT]
"""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import sys
import threading

from vocero.corpus import Journal, Record

NOW = dt.datetime.now(dt.UTC)


def record(name: str) -> Record:
    return Record(
        key=hashlib.sha256(name.encode()).hexdigest(),
        label="attributions",
        model="reader",
        messages=({"role": "user", "content": f"{name} " * 500},),
        form="Saying",
        started=NOW,
        ended=NOW,
        seconds=0.5,
        answer='{"who":"Kirby"}',
    )


def main(path: str, name: str, count: str = "1000000000") -> None:
    journal, numbers, printing = Journal(path), itertools.count(), threading.Lock()

    def put() -> None:
        while (number := next(numbers)) < int(count):
            one = record(f"{name} {number}")
            journal.put(one)
            with printing:
                print(one.key, flush=True)

    threads = [threading.Thread(target=put) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    journal.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
