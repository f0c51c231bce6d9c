"""Runs, the extracts they made, who took what, and what is released to the public."""

from extracts.models.releases import Release, ReleasedPart, Releases, Remembered
from extracts.models.runs import (
    NATIONAL,
    Download,
    Extract,
    Extracts,
    FigureCount,
    Frozen,
    Publication,
    PurgedPeriod,
    Run,
    Trace,
)

__all__ = [
    "NATIONAL",
    "Download",
    "Extract",
    "Extracts",
    "FigureCount",
    "Frozen",
    "Publication",
    "PurgedPeriod",
    "Release",
    "ReleasedPart",
    "Releases",
    "Remembered",
    "Run",
    "Trace",
]
