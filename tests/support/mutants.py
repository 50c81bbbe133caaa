"""Small honest files with damage that a seed decides: equal seeds give equal bytes."""

from __future__ import annotations

import random
from pathlib import Path

import wild_files

SYNTAXES = (*wild_files.NATIVE, *wild_files.ENCAPSULATED)
_TELLING = (b"\0", b"\xff", b"\x7f", b"\x80", b"\xff\xff", b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xfe\xff\x00\xe0")


def _flip(data: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 1, 2, 8, 40))):
        at = chance.randrange(len(data))
        data[at] ^= 1 << chance.randrange(8)


def _cut(data: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(data))
    del data[at : at + chance.choice((1, 2, 4, 100, len(data)))]


def _insert(data: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(data) + 1)
    data[at:at] = chance.randbytes(chance.choice((1, 2, 4, 8, 64)))


def _repeat(data: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(data))
    part = data[start : start + chance.choice((1, 8, 64, 400))]
    at = chance.randrange(len(data))
    data[at:at] = part * chance.choice((1, 1, 3))


def _overwrite(data: bytearray, chance: random.Random) -> None:
    telling = chance.choice(_TELLING)
    at = chance.randrange(len(data))
    data[at : at + len(telling)] = telling


def mutant(seed: int) -> tuple[str, bytes]:
    """Transfer syntax of the file that was damaged, and the file."""
    chance = random.Random(seed)
    syntax = SYNTAXES[seed % len(SYNTAXES)]
    whole = wild_files.honest(syntax, frames=chance.choice((1, 1, 2)))
    # What lies before the transfer syntax matters little: most damage goes behind it.
    fixed = 0 if chance.random() < 0.1 else 200
    data = bytearray(whole[fixed:])
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        if data:
            chance.choice((_flip, _flip, _cut, _insert, _repeat, _overwrite))(data, chance)
    return syntax, whole[:fixed] + bytes(data)


def write_mutants(folder: Path, seeds: range) -> None:
    folder.mkdir(parents=True)
    for seed in seeds:
        _, data = mutant(seed)
        (folder / f"{seed:07d}.dcm").write_bytes(data)
