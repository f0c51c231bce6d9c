"""Dice without memory: the same question about the same one always falls alike."""

import hashlib

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Texts = npt.NDArray[np.object_]
# What a code may be, and how often among the sum of all weights.
Mix = dict[str, int]


def _stirred(state: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The finishing steps of SplitMix64: every bit of the state decides over every other."""
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))


class Dice:
    """Answers that depend on nothing but the words given here and the question."""

    def __init__(self, *words: object):
        self.words = " ".join(str(word) for word in words)

    def roll(self, what: str, sides: int | Ints, *about: Ints) -> Ints:
        """For each entry of `about` (numbers that name someone) a number from 0 to sides - 1."""
        seed = hashlib.sha256(f"{self.words} {what}".encode()).digest()[:8]
        state = np.full(np.broadcast(*about).shape, int.from_bytes(seed), dtype=np.uint64)
        for numbers in about:
            state = _stirred(state + numbers.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15))
        return (_stirred(state) >> np.uint64(20)).astype(np.int64) % sides

    def pick(self, what: str, mix: Mix, *about: Ints) -> Texts:
        """For each entry of `about` one of the mix's texts, by weight."""
        faces = np.repeat(np.array(list(mix), dtype=object), list(mix.values()))
        return faces[self.roll(what, len(faces), *about)]
