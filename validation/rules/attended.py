"""What an appointment's attendance and type ask of it."""

import numpy as np

from validation.columns import Mask
from validation.quality import ATTENDED, FOLLOW_UP
from validation.rows import Rows

THERAPIES = ("TherType1", "TherType2", "TherType3", "TherType4")
NOT_ATTENDED = ("2", "3", "4", "7")
# Types of appointment at which therapy is given, and at which outcome scores are taken.
TREATING, SCORING = ("02", "03", "05"), ("01", "02", "03", "04", "05")


def present(appointment: Rows, *types: str) -> Mask:
    """Attended, and of one of these types."""
    return appointment.Attendance.isin(*ATTENDED) & appointment.AppType.isin(*types)


def absent(appointment: Rows) -> Mask:
    """Not attended; an attendance that is blank or not valid says neither."""
    return appointment.Attendance.isin(*NOT_ATTENDED)


def treatment(appointment: Rows) -> Mask:
    """Attended, and treatment by its type or, in anything but a follow-up, by a therapy type."""
    with_therapy = np.zeros(appointment.count, dtype=bool)
    for column in THERAPIES:
        with_therapy |= appointment.columns[column].is_valid
    attended = appointment.Attendance.isin(*ATTENDED)
    given = attended & with_therapy & ~appointment.AppType.isin(FOLLOW_UP)
    return given | present(appointment, *TREATING)
