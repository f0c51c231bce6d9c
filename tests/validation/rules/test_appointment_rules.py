"""Rules asked of the Appointment table."""

import pytest

from tests.validation.drawing import draw
from validation import dataset
from validation.rules.clinical import SCORES, THERAPIES


def test_a_rejected_person_takes_referrals_and_their_appointments() -> None:
    draw(
        Person="""
            LPTID  OrgCodeProvider
            P1     RZ2              <- T01
            P2     RZ1
        """,
        Disability="""
            LPTID
            P1      <- D01
        """,
        Referral="""
            LPTID  ServiceID
            P1     S1         <- R01
            P2     S2
        """,
        Appointment="""
            LPTID  ServiceID
            P1     S1         <- A01
            P1     S1         <- A01
            P2     S2
        """,
    )


def test_another_providers_appointment() -> None:
    draw(
        Appointment="""
            OrgCodeProvider
            RZ2              <- T01
            RZ1
        """
    )


def test_same_service_date_and_time_takes_the_first() -> None:
    draw(
        Appointment="""
            ServiceID  Appointment  AppointmentTime  AppType
            S1         2013-04-10   09:30:00         02
            s1         10/04/2013   9:30             01       <- A03↔1
            ␣S1        2013-04-10   09:30            02       <- A03↔1
            S1         2013-04-10   09:31            02
            S1         2013-04-11   09:30            02
            S2         2013-04-10   09:30            02
        """
    )


def test_without_a_time_the_type_tells_appointments_apart() -> None:
    draw(
        Appointment="""
            Appointment  AppointmentTime  AppType
            2013-04-10   -                01
            2013-04-10   -                02
            2013-04-10   -                2       <- A03↔2
            2013-04-10   09:00            02
            2013-04-11   -                02
        """
    )


def test_a_row_of_another_provider_is_not_the_first() -> None:
    draw(
        Appointment="""
            AppointmentTime  OrgCodeProvider
            10:00            RZ2              <- T01
            10:00            RZ1
            10:00            RZ1              <- A03↔2
        """
    )


def test_rows_without_a_usable_key_are_no_duplicates() -> None:
    draw(
        Appointment="""
            ServiceID  Appointment  AppointmentTime
            S1         -            10:00            <- A02
            S1         -            10:00            <- A02
            -          2013-04-10   10:00            <- A01
            -          2013-04-10   10:00            <- A01
        """
    )


def test_duplicates_are_judged_before_the_first_row_falls() -> None:
    draw(
        Appointment="""
            Appointment  AppointmentTime
            2013-05-01   10:00            <- A04
            2013-05-01   10:00            <- A04 A03↔1
        """
    )


def test_patient_differs_from_the_referrals() -> None:
    draw(
        Person="""
            LPTID
            P1
        """,
        Referral="""
            ServiceID  LPTID
            S1         P1
            S2         P9      <- R01
        """,
        Appointment="""
            ServiceID  LPTID
            S1         p1
            S1         P2      <- A06:LPTID
            S1         -       <- A06
            S2         P1      <- A01
            S9         -       <- A01 A06
        """,
    )


def test_patient_experience_in_the_pilot() -> None:
    draw(
        version="1.0P",
        Appointment="""
            AssessPEQ1  AssessPEQ2  AssessPEQ3  AssessSatisfaction
            U           Y           Y           4                   <- B02:AssessPEQ1
            Y           1           Y           4                   <- B02:AssessPEQ2
            Y           Y           X           4                   <- B02:AssessPEQ3
            Y           Y           Y           5                   <- B02:AssessSatisfaction
            z           n           y           0
        """,
    )
    draw(
        version="1.0P",
        Appointment="""
            TreatPEQ1  TreatPEQ2  TreatPEQ3  TreatPEQ4  TreatPEQ5
            5          0          0          0          0          <- B02:TreatPEQ1
            4          Y          0          0          0          <- B02:TreatPEQ2
            4          4          9          0          0          <- B02:TreatPEQ3
            4          4          4          -1         0          <- B02:TreatPEQ4
            4          4          4          4          4.5        <- B02:TreatPEQ5
            -          -          -          -          0
        """,
    )


@pytest.mark.parametrize("version", dataset.VERSIONS)
def test_what_may_be_blank_without_a_finding(version: str) -> None:
    """Data quality counts these; no finding does."""
    for table, rows in {
        "Referral": "ProvDiag SourceReferral OnsetDate",
        "Appointment": "TherType1",
    }.items():
        columns = rows.split()
        draw(version=version, **{table: f"{'  '.join(columns)}\n{'  '.join('-' for _ in columns)}"})


def test_every_clinical_detail_of_an_appointment_not_attended_is_named() -> None:
    """And one whose attendance is not known may be anything."""
    columns = "  ".join((*THERAPIES, *SCORES))
    # 4 is a value of every score but one, whose least is 16.
    texts = "  ".join(["07", "08", "10", "14", *("4" for _ in SCORES)])
    for attendance in ("2", "3", "4", "7"):
        marks = " ".join(f"A16:{name}" for name in (*THERAPIES, *SCORES))
        draw(
            Appointment=f"""
                Attendance  {columns}
                {attendance}  {texts}  <- {marks} A26
            """
        )
    draw(Appointment=f"Attendance  {columns}\n-  {texts}  <- A10 A26\n0  {texts}  <- A34 A26")


def test_therapies_that_are_not_valid_are_not_the_same_but_leave_a_gap() -> None:
    draw(
        Appointment="""
            TherType1  TherType2  TherType3  TherType4
            99         99         -          -          <- A13:TherType1 A13:TherType2
            -          99         -          7          <- A13:TherType2 A14:TherType2 A14:TherType4
            7          7          07         7          <- A14:TherType2 A14:TherType3 A14:TherType4
            -          7          14         -          <- A14:TherType2
        """
    )


def test_therapy_and_scores_are_expected_where_it_is_known_that_the_person_came() -> None:
    draw(
        Appointment="""
            Attendance  AppType  TherType1  PHQ9_Score  GAD7Score  WSASScore
            -           02       -          -           -          -          <- A10
            0           02       -          -           -          -          <- A34
            5           -        -          -           -          -          <- A11
            5           08       -          -           -          -          <- A35
            5           07       -          -           -          -
            5           2        99         99          99         99         <- A13 A20 A21 A22
            5           3        -          -           -          -          <- A15 A32:PHQ9_Score A32:GAD7Score A32:WSASScore
            6           04       -          -           -          -          <- A32:PHQ9_Score A32:GAD7Score A32:WSASScore
        """
    )


def test_time_with_somebody_who_was_not_there() -> None:
    draw(
        Appointment="""
            Attendance  ContactDuration
            2           1                <- A17
            7           600              <- A17
            4           0.0
            -           30               <- A10
            0           30               <- A34
            5           0
        """
    )


def test_employment_support_without_a_date_to_compare() -> None:
    draw(
        Referral="""
            ServiceID  RefRecDate
            S1         2013-03-15
            S2         -            <- R04
        """,
        Appointment="""
            ServiceID  EmpSupportInd  EmpSupportReferral
            S2         Y              2013-01-01           <- A01
            S2         n              2013-01-01           <- A01 A19
            S1         -              2013-03-15
            S1         N              soon                 <- A19
            S1         N              -
        """,
    )
