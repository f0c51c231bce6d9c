"""You may not do this now: raised by a deed, shown by a view, in words for users."""


class Refusal(Exception):
    """A refusal: `words` say what is the matter and what to do. Nothing was kept."""

    def __init__(self, words: str):
        super().__init__(words)
        self.words = words
