"""The rulebook's questions, by table. Loading this package fills `validation.rule.RULEBOOK`."""

from validation.rules import (
    appointment,
    columns,
    disability,
    file,
    history,
    person,
    referral,
    table,
)

__all__ = [
    "appointment",
    "columns",
    "disability",
    "file",
    "history",
    "person",
    "referral",
    "table",
]
