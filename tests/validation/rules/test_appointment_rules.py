"""Rules asked of the Appointment table."""

import pytest

from tests.validation.drawing import draw
from validation import dataset


def test_appointment_without_referral() -> None:
    draw(
        Referral="""
            ServiceID  RefRecDate
            S1         2013-04-01
            S2         -            <- R04
            S3         2013-04-01   <- R03
            S3         2013-04-01   <- R03
        """,
        Appointment="""
            ServiceID
            ␣s1
            S2          <- A01:ServiceID
            S3          <- A01
            S4          <- A01
            -           <- A01
        """,
    )


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


def test_date_missing_or_not_a_date() -> None:
    draw(
        Appointment="""
            Appointment
            -            <- A02:Appointment
            2013-04-31   <- A02
            1/4/2013
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


def test_outside_the_period() -> None:
    draw(
        Appointment="""
            Appointment
            2013-03-31   <- A04:Appointment
            2013-04-01
            2013-04-30
            2013-05-01   <- A04
        """
    )


def test_outside_the_referral() -> None:
    draw(
        Referral="""
            ServiceID  RefRecDate  EndDate
            S1         2013-04-10  2013-04-20
            S2         2013-04-10  -
            S3         2013-03-10  2013-05-20   <- R08
        """,
        Appointment="""
            ServiceID  Appointment
            S1         2013-04-09   <- A05:Appointment
            S1         2013-04-10
            S1         2013-04-20
            S1         2013-04-21   <- A05
            S2         2013-04-30
            S3         2013-05-21   <- A04 A05
        """,
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


def test_attendance_and_type_missing_or_off_the_list() -> None:
    draw(
        Appointment="""
            Attendance  AppType
            -           01       <- A10:Attendance
            0           01       <- A34:Attendance
            8           01       <- A34
            5           -        <- A11:AppType
            5           08       <- A35:AppType
            05          01       <- A34
            7           1
        """
    )


def test_codes_off_the_list() -> None:
    draw(
        Appointment="""
            PrimaryRole  ConsMedium  EmpStatus  EmpSupportInd  PsychMed  SSPInd
            18           01          01         Y              01        Y       <- A12:PrimaryRole
            10           07          01         Y              01        Y       <- A12:ConsMedium
            10           01          09         Y              01        Y       <- A12:EmpStatus
            10           01          01         U              01        Y       <- A12:EmpSupportInd
            10           01          01         Y              04        Y       <- A12:PsychMed
            10           01          01         Y              01        X       <- A12:SSPInd
            10           6           zz         na             uu        z
            -            -           -          -              -         -
        """
    )


def test_therapies_of_another_version() -> None:
    draw(
        Appointment="""
            TherType1  TherType2  TherType3  TherType4
            15         -          -          -          <- A13:TherType1
            01         20         -          -          <- A13:TherType2
            01         02         51         -          <- A13:TherType3
            01         02         03         00         <- A13:TherType4
            7          14         -          -
        """
    )


def test_duration_not_credible() -> None:
    draw(
        Appointment="""
            ContactDuration
            481              <- A17:ContactDuration
            480
            1000             <- A17
            -1               <- A17
            3.5              <- A17
            1e1              <- A17
            060.0
            -
        """
    )


def test_time_is_not_a_time() -> None:
    draw(
        Appointment="""
            AppointmentTime  Appointment
            24:00            2013-04-01   <- A18:AppointmentTime
            9am              2013-04-02   <- A18
            09.30            2013-04-03   <- A18
            23:59:59         2013-04-04
            -                2013-04-05
        """
    )


def test_employment_support_date_is_not_a_date() -> None:
    draw(
        Appointment="""
            EmpSupportInd  EmpSupportReferral
            Y              tomorrow             <- A19:EmpSupportReferral
            Y              2013-04-15
        """
    )


def test_outcome_scores_out_of_range() -> None:
    draw(
        Appointment="""
            PHQ9_Score  GAD7Score  WSASScore
            28          0          0          <- A20:PHQ9_Score
            27          22         0          <- A21:GAD7Score
            27          21         41         <- A22:WSASScore
            27.0        021        40
            99          99         99         <- A20 A21 A22
            1e1         1_0        +5         <- A20 A21 A22
            ٣           NaN        3.5        <- A20 A21 A22
        """
    )


def test_measures_of_one_disorder_out_of_range() -> None:
    draw(
        Appointment="""
            AgoraScoreAcc  AgoraScoreAlone  GenAnxScore  HealthAnxScore  OCDScore  PanicScore  PTSD_Score  SocPhobiaInvScore
            5.01           5                80           54              168       28          88          68                <- A25:AgoraScoreAcc
            5              5,0              80           54              168       28          88          68                <- A25:AgoraScoreAlone
            5              5                15           54              168       28          88          68                <- A26:GenAnxScore
            5              5                16           55              168       28          88          68                <- A27:HealthAnxScore
            5              5                16           0               169       28          88          68                <- A28:OCDScore
            5              5                16           0               0         29          88          68                <- A29:PanicScore
            5              5                16           0               0         0           89          68                <- A30:PTSD_Score
            5              5                16           0               0         0           0           69                <- A31:SocPhobiaInvScore
            0.00           2.35             16           0               0         0           0           0
        """
    )


def test_phobia_scales_out_of_range() -> None:
    draw(
        Appointment="""
            AgoraScore  SocPhobiaScore  SpecPhobiaScore
            9           8               0                <- A24:AgoraScore
            8           9               0                <- A24:SocPhobiaScore
            8           8               9                <- A24:SpecPhobiaScore
            0           8.0             08
        """
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
