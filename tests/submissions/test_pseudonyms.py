"""Keyed hashes: of many at once the same as of each."""

import os

from submissions import pseudonyms
from submissions.pseudonyms import Keyed

KEY = Keyed(bytes(range(32)))


def test_of_many_is_that_of_each() -> None:
    one, other = ([os.urandom(16) for _ in range(20)] for _ in range(2))
    many = KEY.of_pseudonyms("pathway", [a + b for a, b in zip(one, other, strict=True)])
    each = [KEY.of("pathway", *pair) for pair in zip(one, other, strict=True)]
    assert [bytes(row) for row in many] == each
    texts = ["a", None, "b"]
    assert [bytes(row) for row in KEY.of_each(["x"], texts)] == [
        KEY.of("x", "a"),
        pseudonyms.NOTHING,
        KEY.of("x", "b"),
    ]


def test_as_an_extract_shows_them() -> None:
    """They never change: an extract that was made is made again byte for byte."""
    hashed = KEY.of_pseudonyms("person", [bytes(16), bytes(range(16))])
    assert pseudonyms.shown(hashed).tolist() == [b"X5LHUS3OJOZ6QKRNSLUL", b"CUR57BYWXBS2CZKZELXH"]
    assert pseudonyms.numbers(hashed).tolist() == [6893670886816471540, 761653435138061008]
    assert pseudonyms.numbers(KEY.of_each([], [None])).tolist() == [1], "nothing is shown as 0"
