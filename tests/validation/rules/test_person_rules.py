"""Rules asked of the Person table."""

from tests.validation.drawing import draw
from validation.rules.file import Context


def test_another_providers_rows_are_rejected() -> None:
    draw(
        Person="""
            LPTID  OrgCodeProvider
            P1     RZ1
            P2     rz1
            P3     RZ2              <- T01:OrgCodeProvider
            P4     -                <- T01
            P5     RZ               <- T01
        """
    )


def test_identifier_is_missing() -> None:
    draw(
        Person="""
            LPTID
            -       <- P01:LPTID
            P2
        """
    )


def test_identifier_holds_characters_that_are_not_allowed() -> None:
    draw(
        Person="""
            LPTID
            P/1-2_3.4
            7␣7
            Pé                       <- P05:LPTID
            P#1                      <- P05
            -1                       <- P05
            ./P                      <- P05
            P٣                       <- P05
            12345678901234567890
            123456789012345678901    <- P05
        """
    )


def test_same_person_twice_rejects_every_row_of_the_set() -> None:
    draw(
        Person="""
            LPTID
            P1     <- P02:LPTID↔3
            P2
            p1     <- P02↔1
            ␣P1␣   <- P02↔1
        """
    )


def test_rows_of_another_provider_do_not_make_a_person_a_duplicate() -> None:
    draw(
        Person="""
            LPTID  OrgCodeProvider
            P1     RZ1
            P1     RZ2              <- T01
        """
    )


def test_unusable_identifiers_are_no_duplicates() -> None:
    draw(
        Person="""
            LPTID
            -      <- P01
            -      <- P01
            P#     <- P05
            P#     <- P05
            P9
        """
    )


def test_a_rejected_row_still_gets_its_warnings() -> None:
    draw(
        Person="""
            LPTID  Gender  Postcode
            P1     9       -         <- P02 P15
            P1     3       AB1␣2CD   <- P02 P21:Gender
            P2     1       ZZ99␣3VZ
        """
    )


def test_number_shared_by_two_patients_is_marked_on_every_row() -> None:
    draw(
        Person="""
            LPTID  NHSNumber
            P1     9990000018     <- P03:NHSNumber↔3
            P2     9990000026
            P3     999␣000␣0018   <- P03↔1
            P4     999-000-0018   <- P03↔1
        """
    )


def test_only_valid_numbers_are_shared() -> None:
    draw(
        Person="""
            LPTID  NHSNumber
            P1     -            <- P10
            P2     -            <- P10
            P3     9990000019   <- P11
            P4     9990000019   <- P11
        """
    )


def test_one_patient_twice_does_not_share_the_number() -> None:
    draw(
        Person="""
            LPTID  NHSNumber
            P1     9990000018   <- P02
            p1     9990000018   <- P02
            P2     9990000026
        """
    )


def test_person_without_referral() -> None:
    draw(
        Person="""
            LPTID
            P1
            P2     <- P04
            p3
        """,
        Referral="""
            LPTID
            P1
            P3
        """,
    )


def test_a_rejected_referral_is_a_referral_as_sent() -> None:
    draw(
        Person="""
            LPTID
            P1
            P2
        """,
        Referral="""
            LPTID  RefRecDate
            P1     -            <- R04
            P2     2013-04-01
        """,
    )


def test_a_person_who_does_not_stand_is_not_asked_for_referrals() -> None:
    draw(
        Person="""
            LPTID  OrgCodeProvider
            P1     RZ2              <- T01
            P2     RZ1
            P3     RZ1              <- P02
            P3     RZ1              <- P02
        """,
        Referral="""
            LPTID
            P2
        """,
    )


def test_nhs_number_missing_or_wrong() -> None:
    draw(
        Person="""
            NHSNumber
            -               <- P10:NHSNumber
            9990000019      <- P11:NHSNumber
            9999999999      <- P11
            999000001       <- P11
            ٩990000018      <- P11
            9990000026
        """
    )


def test_number_status_missing_or_off_the_list() -> None:
    draw(
        Person="""
            NHSNoStatus
            -             <- P12:NHSNoStatus
            09            <- P12
            1
            08
        """
    )


def test_birth_date_missing_or_not_credible() -> None:
    draw(
        Person="""
            BirthDate
            -            <- P13:BirthDate
            30/02/1970   <- P19:BirthDate
            2013-05-01   <- P19 
            1970-13-01   <- P19
            1880-01-01   <- P19
            29/02/1972
            2013-04-30
        """,
        Referral="""
            LPTID  RefRecDate
            P1     2013-04-02
            P2     2013-04-02
            P3     2013-04-02   <- R09
            P4     2013-04-02
            P5     2013-04-02
            P6     2013-04-02
            P7     2013-04-30
        """,
    )


def test_older_than_a_hundred_and_twenty_on_the_last_day() -> None:
    """A period far enough on that 120 years ago is a date at all."""
    draw(
        Header="""
            StartDate   EndDate
            2024-02-01  2024-02-29
        """,
        Person="""
            BirthDate
            1903-02-28   <- P19
            1903-03-01
            1904-02-29
        """,
        Referral="""
            LPTID  RefRecDate
            P1     2024-02-01
            P2     2024-02-01
            P3     2024-02-01
        """,
    )


def test_postcode_missing_or_wrong() -> None:
    draw(
        Person="""
            Postcode
            -          <- P15:Postcode
            AB12CD
            ab1␣2cd
            AB1␣2C     <- P20:Postcode
            ZZ99␣3WZ
            1AB␣2CD    <- P20
        """
    )


def test_what_a_person_says_of_themselves_is_missing() -> None:
    draw(
        Person="""
            Gender  Ethnicity  ReligiousGroup  SexualOrientation  BAFIndicator  LTCondition
            -       A          C               1                  03            N            <- P16:Gender
            1       -          C               1                  03            N            <- P16:Ethnicity
            1       A          -               1                  03            N            <- P16:ReligiousGroup
            1       A          C               -                  03            N            <- P16:SexualOrientation
            1       A          C               1                  -             N            <- P16:BAFIndicator
            1       A          C               1                  03            -            <- P16:LTCondition
            -       A          C               1                  03            -            <- P16:Gender P16:LTCondition
        """
    )


def test_what_a_person_says_of_themselves_is_off_the_list() -> None:
    draw(
        Person="""
            Gender  Ethnicity  ReligiousGroup  SexualOrientation  BAFIndicator  LTCondition
            0       A          C               1                  03            N            <- P21:Gender
            1       Y          C               1                  03            N            <- P21:Ethnicity
            1       A          O               1                  03            N            <- P21:ReligiousGroup
            1       A          C               5                  03            N            <- P21:SexualOrientation
            1       A          C               1                  06            N            <- P21:BAFIndicator
            1       A          C               1                  03            X            <- P21:LTCondition
            9       99         n1              z                  uu            z
            2       a1         C80             4                  2             U
        """
    )


def test_retired_armed_forces_codes_get_that_finding_only() -> None:
    draw(
        Person="""
            BAFIndicator
            01              <- P18:BAFIndicator
            4               <- P18
            03
        """
    )


def test_organisations_of_a_person_are_missing() -> None:
    draw(
        Person="""
            GMPC    OrgCodeResidence  OrgCodeGPPractice
            -       91A               91A                 <- P22:GMPC
            A81001  -                 91A                 <- P22:OrgCodeResidence
            A81001  91A               -                   <- P22:OrgCodeGPPractice
        """
    )


def test_organisations_of_a_person_are_not_in_the_register() -> None:
    known = Context(organisations=frozenset({"RZ1", "91A", "A81001"}))
    draw(
        context=known,
        Person="""
            GMPC     OrgCodeResidence  OrgCodeGPPractice
            A81001   91A               91a
            V81997   91A               91A
            A81002   91A               91A                 <- P17:GMPC
            A81001   5XX               91A                 <- P17:OrgCodeResidence
            A81001   91A               ?                   <- P17:OrgCodeGPPractice
            A81001Z  91A               91A                 <- P17:GMPC
        """,
    )


def test_without_a_register_organisations_are_not_asked() -> None:
    verdict = draw(
        Person="""
            GMPC    OrgCodeResidence
            X9      ?
        """
    )
    assert {"F09", "P17", "R17"} <= set(verdict.not_asked)
