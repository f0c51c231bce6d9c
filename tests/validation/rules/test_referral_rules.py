"""Rules asked of the Referral table."""

from tests.validation.drawing import draw
from validation.rules.file import Context


def test_referral_without_person() -> None:
    draw(
        Person="""
            LPTID  OrgCodeProvider
            P1     RZ1
            P2     RZ2              <- T01
            P3     RZ1              <- P02
            P3     RZ1              <- P02
        """,
        Referral="""
            LPTID
            ␣p1
            P2      <- R01:LPTID
            P3      <- R01
            P4      <- R01
            -       <- R01
        """,
    )


def test_a_letter_that_only_looks_like_another_is_another_key() -> None:
    draw(
        Person="""
            LPTID
            S1
        """,
        Referral="""
            LPTID
            S1
            ſ1      <- R01
        """,
    )


def test_another_providers_referral() -> None:
    draw(
        Referral="""
            OrgCodeProvider
            RZ2              <- T01
            RZ1
        """
    )


def test_identifier_missing_or_not_allowed() -> None:
    draw(
        Referral="""
            ServiceID
            -                        <- R02:ServiceID
            -                        <- R02
            S+1                      <- R18:ServiceID
            S+1                      <- R18
            _S                       <- R18
            123456789012345678901    <- R18
            S-1/2_3.4␣5
        """
    )


def test_same_referral_twice_rejects_every_row_of_the_set() -> None:
    draw(
        Referral="""
            ServiceID  LPTID
            S1         P1     <- R03:ServiceID↔2
            s1         P2     <- R03↔1
            S2         P1
            ␣S1␣       P1     <- R03↔1
        """
    )


def test_duplicates_are_judged_before_anything_else() -> None:
    """The twin of a row falls too, whatever else is wrong with that row."""
    draw(
        Person="""
            LPTID
            P1
        """,
        Referral="""
            ServiceID  LPTID  RefRecDate
            S1         P1     2013-04-01   <- R03
            S1         P9     -            <- R03 R01 R04
            S2         P1     2013-04-01
        """,
    )


def test_rows_of_another_provider_do_not_make_a_referral_a_duplicate() -> None:
    draw(
        Referral="""
            ServiceID  OrgCodeProvider
            S1         RZ2              <- T01
            S1         RZ1
        """
    )


def test_received_date_missing_or_not_a_date() -> None:
    draw(
        Referral="""
            RefRecDate
            -                     <- R04:RefRecDate
            31/04/2013            <- R04
            2013-02-29            <- R04
            10/4/13               <- R04
            10␣Apr␣2013           <- R04
            41374                 <- R04
            10/4/2013
            2013-04-10T09:30:00
        """
    )


def test_received_after_the_period() -> None:
    draw(
        Referral="""
            RefRecDate
            2013-05-01   <- R05:RefRecDate
            2013-04-30
            2009-01-01
        """
    )


def test_ends_before_it_was_received() -> None:
    draw(
        Referral="""
            RefRecDate  EndDate
            2013-04-10  2013-04-09   <- R06:EndDate
            2013-04-10  2013-04-10
            2013-04-10  -
            -           2013-04-09   <- R04
        """
    )


def test_ended_before_the_period() -> None:
    draw(
        Referral="""
            RefRecDate  EndDate
            2013-03-10  2013-03-31   <- R07:EndDate
            2013-03-10  2013-04-01
            2013-03-10  2013-03-01   <- R06 R07
        """
    )


def test_ends_after_the_period() -> None:
    draw(
        Referral="""
            RefRecDate  EndDate
            2013-03-10  2013-05-01   <- R08:EndDate
            2013-03-10  2013-04-30
            2013-05-10  2013-05-09   <- R05 R06 R08
        """
    )


def test_received_before_birth() -> None:
    draw(
        Person="""
            LPTID  BirthDate
            P1     1970-01-31
            P2     -            <- P13
            P3     1970-02-30   <- P19
        """,
        Referral="""
            LPTID  RefRecDate
            P1     1970-01-30   <- R09:RefRecDate
            P1     1970-01-31
            P2     1970-01-30
            P3     1970-01-30
        """,
    )


def test_end_date_is_not_a_date() -> None:
    draw(
        Referral="""
            EndDate
            soon         <- R19:EndDate
            1899-12-31   <- R19
            30/04/2013
            -
        """
    )


def test_codes_off_the_list() -> None:
    draw(
        Referral="""
            SourceReferral  RecurInd  ServReqAccInd  EndDate     EndCode
            A4              Y         Y              -           -        <- R10:SourceReferral
            A1              X         Y              -           -        <- R10:RecurInd
            A1              Y         Z              -           -        <- R10:ServReqAccInd
            A1              Y         Y              2013-04-20  46       <- R10:EndCode
            X               X         X              2013-04-20  X        <- R10:SourceReferral R10:RecurInd R10:ServReqAccInd R10:EndCode
            n2              u         n              2013-04-20  98
            -               -         -              2013-04-20  10
        """
    )


def test_commissioner_missing() -> None:
    draw(
        Referral="""
            OrgCodeComm
            -            <- R11:OrgCodeComm
            91A
            5XX
        """
    )


def test_commissioner_not_in_the_register() -> None:
    draw(
        context=Context(organisations=frozenset({"RZ1", "91A"})),
        Person="""
            GMPC    LPTID
            V81999  P1
        """,
        Referral="""
            OrgCodeComm
            91A
            5XX          <- R17:OrgCodeComm
            XMD00
            ?            <- R17
            -            <- R11
        """,
    )


def test_diagnosis_is_not_a_code() -> None:
    draw(
        Referral="""
            ProvDiag
            F32.1
            f␣32.1
            F4O1
            F32X
            F32
            low       <- R12:ProvDiag
            1F32      <- R12
            F3        <- R12
            F32111    <- R12
            -
        """
    )


def test_onset_is_not_a_month() -> None:
    draw(
        Referral="""
            OnsetDate
            2012-13     <- R14:OnsetDate
            2012-00     <- R14
            11/2012     <- R14
            2012-1      <- R14
            2012-11-01  <- R14
            2012-11
            -
        """
    )


def test_care_cluster_in_the_pilot() -> None:
    draw(
        version="1.0P",
        Referral="""
            CareCluster
            09            <- B01:CareCluster
            22            <- B01
            00
            4
            -
        """,
    )
