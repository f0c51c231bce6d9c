"""The rulebook's questions, by table. Loading this package fills `validation.rule.RULEBOOK`."""

from validation.rules import (
    appointment,
    clinical,
    disability,
    file,
    history,
    person,
    referral,
    scores,
    table,
)

__all__ = [
    "appointment",
    "clinical",
    "disability",
    "file",
    "history",
    "person",
    "referral",
    "scores",
    "table",
]
