"""The calendar, submissions, their findings and their records."""

from submissions.models.calendar import Window
from submissions.models.explaining import Explanation
from submissions.models.records import (
    AppointmentRecord,
    DisabilityRecord,
    LocalKey,
    PersonRecord,
    ReferralRecord,
)
from submissions.models.reports import Report
from submissions.models.submission import (
    CommissionerCount,
    FindingCount,
    FindingPlace,
    QualityCount,
    StatusChange,
    Submission,
    TableCount,
    TrialCount,
)

__all__ = [
    "AppointmentRecord",
    "CommissionerCount",
    "DisabilityRecord",
    "Explanation",
    "FindingCount",
    "FindingPlace",
    "LocalKey",
    "PersonRecord",
    "QualityCount",
    "ReferralRecord",
    "Report",
    "StatusChange",
    "Submission",
    "TableCount",
    "TrialCount",
    "Window",
]
