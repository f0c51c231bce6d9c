"""Rules asked of the Person table."""

from tests.validation.drawing import draw


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
            P7     2013-04-30   <- P14
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


def test_without_a_register_organisations_are_not_asked() -> None:
    verdict = draw(
        Person="""
            GMPC    OrgCodeResidence
            X9      ?
        """
    )
    assert {"F09", "P17", "R17"} <= set(verdict.not_asked)


def test_a_status_of_a_number_that_is_not_valid() -> None:
    """There is a number, whatever it is worth."""
    draw(
        Person="""
            NHSNumber   NHSNoStatus
            9990000019  01            <- P11
            9990000019  07            <- P11 P12
            -           02            <- P10
            -           -             <- P10 P12
        """
    )
