"""What a deed raises when it is not done, which is nobody's fault."""


class Refusal(Exception):
    """You may not do this now: raised by a deed, shown by a view. `words` say to users what is the
    matter and what to do. Nothing was kept."""

    def __init__(self, words: str):
        super().__init__(words)
        self.words = words


class NotNow(Exception):
    """A step was not taken: somebody else was first, or the life does not allow it."""
