"""Rules asked of the Referral table."""

from tests.validation.drawing import draw


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
            P1     1970-01-31   <- P14
            P2     1970-01-30
            P3     1970-01-30
        """,
    )


def test_sixteen_on_the_day() -> None:
    """Who was born on 29 February has birthday on 1 March in other years."""
    draw(
        Header="""
            StartDate   EndDate
            2100-02-01  2100-02-28
        """,
        Person="""
            LPTID  BirthDate
            P1     2084-02-29
            P2     2084-02-28
            P3     -            <- P13
        """,
        Referral="""
            LPTID  RefRecDate
            P1     2100-02-28   <- P14
            P2     2100-02-28
            P3     2100-02-28
            P9     2100-02-28   <- R01
        """,
    )


def test_onset_without_dates_to_compare() -> None:
    draw(
        Person="""
            LPTID  BirthDate
            P1     -            <- P13
        """,
        Referral="""
            LPTID  RefRecDate  OnsetDate
            P1     2013-03-15  1901-01
            P1     -           2013-12    <- R04
            P1     2013-03-01  -
            P9     2013-03-15  1901-01    <- R01
        """,
    )


def test_end_date_and_code_that_are_not_valid_are_given_all_the_same() -> None:
    draw(
        Referral="""
            EndDate     EndCode
            soon        -         <- R19 R15:EndCode
            -           46        <- R10:EndCode R15:EndDate
            2013-04-20  46        <- R10:EndCode
        """
    )


def test_chapters_in_any_writing() -> None:
    draw(
        Referral="""
            ProvDiag
            f32
            z63
            G47.0     <- R13
            ␣i10      <- R13
            LOW       <- R12
        """
    )
