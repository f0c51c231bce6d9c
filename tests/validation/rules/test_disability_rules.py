"""Rules asked of the Disability table."""

from tests.validation.drawing import draw


def test_another_providers_disability() -> None:
    draw(
        Disability="""
            OrgCodeProvider  Disability
            RZ2              02          <- T01
            RZ1              03
        """
    )


def test_a_row_of_another_provider_is_not_the_first() -> None:
    draw(
        Disability="""
            LPTID  Disability  OrgCodeProvider
            P1     01          RZ2              <- T01
            P1     01          RZ1
            P1     01          RZ1              <- D03↔2
        """
    )


def test_blank_codes_are_no_duplicates() -> None:
    draw(
        Disability="""
            LPTID  Disability
            P1     -           <- D02
            P1     -           <- D02
        """
    )


def test_no_disability_together_with_another_marks_every_row() -> None:
    draw(
        Disability="""
            LPTID  Disability
            P1     NN          <- D04:Disability
            P1     02          <- D04
            p1     03          <- D04
            P2     NN
            P3     04
            P4     nn          <- D04 
            P4     QQ          <- D04 D10
        """
    )


def test_none_twice_is_a_duplicate_only() -> None:
    draw(
        Disability="""
            LPTID  Disability
            P1     NN
            P1     NN          <- D03
        """
    )


def test_a_rejected_row_still_gets_its_warnings() -> None:
    draw(
        Person="""
            LPTID
            P1
        """,
        Disability="""
            LPTID  Disability
            P7     NN          <- D01 D04
            P7     77          <- D01 D04 D10
        """,
    )
