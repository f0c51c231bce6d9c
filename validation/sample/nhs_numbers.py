"""NHS numbers of the range 999, which is kept for tests and belongs to nobody."""

from functools import cache

import numpy as np

from validation.sample.dice import Ints

# Has no divisor in common with how many valid numbers there are, so each comes once in a round.
STRIDE = 611_953
# A place's persons have numbers of their own for so many generations, where there is room.
GENERATIONS = 24


@cache
def valid_numbers() -> Ints:
    """All numbers of the range with a right check digit: modulus 11, remainder 1 is left out."""
    first_nine = np.arange(999_000_000, 1_000_000_000)
    weighted = sum((first_nine // 10 ** (9 - place)) % 10 * (11 - place) for place in range(1, 10))
    check = (11 - weighted % 11) % 11
    return (first_nine * 10 + check)[check < 10]


def nhs_numbers(place: Ints, generation: Ints, places: int, offset: int) -> Ints:
    """A number for each person, different for all persons who are there at one time."""
    numbers = valid_numbers()
    room = min(GENERATIONS, len(numbers) // places)
    return numbers[((place * room + generation % room) * STRIDE + offset) % len(numbers)]
