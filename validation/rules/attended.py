"""What an appointment's attendance and type ask of it."""

from validation.columns import Mask
from validation.quality import ATTENDED
from validation.rows import Rows

NOT_ATTENDED = ("2", "3", "4", "7")
# Types of appointment at which therapy is given, and at which outcome scores are taken.
TREATING, SCORING = ("02", "03", "05"), ("01", "02", "03", "04", "05")


def present(appointment: Rows, *types: str) -> Mask:
    """Attended, and of one of these types."""
    return appointment.Attendance.isin(*ATTENDED) & appointment.AppType.isin(*types)


def absent(appointment: Rows) -> Mask:
    """Not attended; an attendance that is blank or not valid says neither."""
    return appointment.Attendance.isin(*NOT_ATTENDED)
