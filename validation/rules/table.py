"""Questions that every data table is asked alike."""

from validation.finding import Severity
from validation.rule import declare

PROVIDER_DIFFERS = declare(
    "T01",
    Severity.REJECT_ROW,
    "Provider code does not match the header.",
    "Every row carries the provider code of the header; rows of another provider go in its own "
    "file.",
)
