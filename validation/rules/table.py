"""Questions that every data table is asked alike."""

from validation import dataset
from validation.finding import Severity
from validation.rule import declare
from validation.rules.words import CHOICE

# The column in which every row names its provider.
PROVIDER = "OrgCodeProvider"

PROVIDER_DIFFERS = declare(
    "T01",
    Severity.REJECT_ROW,
    "Provider code does not match the header.",
    "Every row carries the provider code of the header; rows of another provider go in its own "
    "file.",
    asks=tuple(f"{table}.{PROVIDER}" for table in dataset.DATA_TABLES),
    source=CHOICE,
    example="""
        Person:
        LPTID  OrgCodeProvider
        P1     RZ1
        P2     rz1
        P3     RZ2              <- T01
        P4     -                <- T01
    """,
)
