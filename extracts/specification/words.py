"""The words that statistics need explained: one sentence each, in `words.csv`, wherever they are
said. `term` is how the word begins that a sentence explains."""

from functools import cache

from extracts.specification.derivations import rows


@cache
def _sentences() -> dict[str, tuple[str, str]]:
    return {row["name"]: (row["term"], row["words"]) for row in rows("words.csv")}


def said(name: str) -> str:
    """One sentence."""
    return _sentences()[name][1]


def explained(*texts: str) -> list[str]:
    """The sentences for those terms that stand in some texts."""
    whole = " ".join(texts).lower()
    return [words for term, words in _sentences().values() if term and term in whole]
