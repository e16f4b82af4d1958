"""Six quotes in 100,000 characters: the bar is 2 ms after folding, 40 ms with it.

Run: python benchmarks/locate.py
"""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from vocero.text.locate import TextIndex

SEEDS = Path(__file__).parent.parent / "seeds"
SIZE = 100_000
RUNS = 21
QUOTES = [
    "para intentar convencer a Pyongyang de que venda munición de artillería",  # exact
    '"Instamos a la RPDC a cesar sus negociaciones armamentísticas con Rusia',  # typographic
    "EL NEW YORK TIMES FUE EL PRIMERO EN INFORMAR DE LA POSIBLE REUNIÓN",  # case
    "Watson no preciso cuando ni donde podria tener lugar un posible encuentro",  # accents
    "En febrero, la administración Biden … Irán, Corea del Norte y China",  # elision
    "Ya se sabe que Rusia no ha recibido drones de Irán",  # fabricated: refused
]


def article() -> str:
    """The seeds once, in the middle of other words made from their characters read backwards."""
    seeds = "\n\n".join(path.read_text(encoding="utf-8") for path in sorted(SEEDS.glob("*.txt")))
    other = seeds[::-1] * (SIZE // len(seeds) + 1)
    half = (SIZE - len(seeds)) // 2
    return f"{other[:half]}\n{seeds}\n{other[: SIZE - half - len(seeds) - 2]}"


def main() -> None:
    text = article()
    assert len(text) == SIZE
    cold, warm = [], []
    for _ in range(RUNS):
        started = time.perf_counter()
        index = TextIndex(text)
        for quote in QUOTES:
            index.locate(quote)
        folded = time.perf_counter()
        for quote in QUOTES:
            index.locate(quote)
        cold.append(folded - started)
        warm.append(time.perf_counter() - folded)
    index = TextIndex(text)
    for quote in QUOTES:
        span = index.locate(quote)
        print(f"{span.match if span else 'refused':>12}  {quote}")
    print(f"{len(QUOTES)} quotes in {len(text):,} characters, median (worst) of {RUNS} runs:")
    for name, times in (("folding and locating", cold), ("after folding", warm)):
        print(f"{name:>22}: {statistics.median(times) * 1e3:6.2f} ms ({max(times) * 1e3:.2f})")


if __name__ == "__main__":
    main()
