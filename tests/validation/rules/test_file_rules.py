"""Rules asked of the file as a whole."""

import pytest

from tests.validation.drawing import draw
from validation import dataset
from validation.engine import ACCEPTED, REJECTED, WITH_WARNINGS
from validation.rules.file import Context

HEADER_LINE = (
    "DataSetVersion,OrgCodeProvider,OrgCodeSubmitter,PrimSystem,StartDate,EndDate,DateCreated"
)
HEADER_ROW = "1.0,RZ1,RZ1,,2013-04-01,2013-04-30,"
DISABILITY_LINE = "OrgCodeProvider,LPTID,Disability"


def test_a_file_in_order_has_no_finding() -> None:
    verdict = draw(Appointment="ServiceID\nS1\nS2")
    assert verdict.outcome == ACCEPTED
    assert (verdict.header.period, verdict.header.provider) == ("2013-04", "RZ1")


def test_no_readable_file() -> None:
    """A backslash in a member's name is one of many reasons; the reader's tests have them all."""
    verdict = draw(file="<- F01", extra={"Per\\son.csv": ""})
    assert (verdict.outcome, verdict.header) == (REJECTED, None)


def test_the_file_of_another_month() -> None:
    april, may = Context(period="2013-04"), Context(period="2013-05")
    draw(context=april, Header="PrimSystem\n-")
    verdict = draw(context=may, Header="PrimSystem\n-   <- F03:StartDate")
    assert verdict.outcome == REJECTED
    assert "F03" not in verdict.not_asked


def test_the_month_is_not_asked_where_it_is_not_known() -> None:
    assert "F03" in draw(Header="PrimSystem\n-").not_asked


@pytest.mark.parametrize("table", ["Person", "Disability", "Referral", "Appointment"])
def test_a_table_is_missing(table: str) -> None:
    verdict = draw(file=f"<- F05:{table}", without=[table])
    assert verdict.outcome == REJECTED
    assert all(rows.standing == 0 for rows in verdict.tables.values())


def test_the_header_is_missing() -> None:
    draw(file="<- F05:Header", without=["Header"])


def test_every_missing_table_and_column_is_named() -> None:
    draw(
        file="<- F05:Disability F06:Person.Gender F06:Referral.EndDate F06:Appointment.GAD7Score",
        without=["Disability", "Person.Gender", "Referral.EndDate", "Appointment.GAD7Score"],
    )


@pytest.mark.parametrize(
    "column", ["DataSetVersion", "OrgCodeProvider", "StartDate", "EndDate", "DateCreated"]
)
def test_a_column_of_the_header_is_missing(column: str) -> None:
    draw(file=f"<- F06:Header.{column}", without=[f"Header.{column}"])


def test_a_column_stands_twice() -> None:
    draw(
        file="<- F06:Disability.LPTID",
        without=["Disability"],
        extra={"Disability.csv": f"{DISABILITY_LINE},lptid \r\n"},
    )


def test_the_version_in_any_case() -> None:
    draw(version="1.0P", Header="DataSetVersion\n1.0p")


def test_the_pilot_without_its_columns() -> None:
    draw(
        file="<- F06:Referral.CareCluster F06:Appointment.TreatPEQ5",
        version="1.0P",
        without=["Referral.CareCluster", "Appointment.TreatPEQ5"],
    )


def test_the_pilot_is_for_pilot_sites() -> None:
    draw(version="1.0P", context=Context(pilot_site=True))
    draw(
        version="1.0P",
        context=Context(pilot_site=False),
        Header="DataSetVersion\n1.0P   <- F06:DataSetVersion",
    )


def test_a_standard_file_with_pilot_columns() -> None:
    verdict = draw(
        file="<- F14:Referral.CareCluster F14:Appointment.AssessPEQ1 F14:Appointment.AssessPEQ2 "
        "F14:Appointment.AssessPEQ3 F14:Appointment.AssessSatisfaction F14:Appointment.TreatPEQ1 "
        "F14:Appointment.TreatPEQ2 F14:Appointment.TreatPEQ3 F14:Appointment.TreatPEQ4 "
        "F14:Appointment.TreatPEQ5",
        version="1.0P",
        Header="DataSetVersion\n1.0",
    )
    assert verdict.outcome == WITH_WARNINGS


@pytest.mark.parametrize("rows", [[], [HEADER_ROW, HEADER_ROW]])
def test_not_one_header_row(rows: list[str]) -> None:
    draw(
        file="<- F07:Header",
        without=["Header"],
        extra={"Header.csv": "\r\n".join([HEADER_LINE, *rows, ""])},
    )


def test_a_mandatory_header_item_is_blank() -> None:
    draw(Header="OrgCodeProvider\n-   <- F08:OrgCodeProvider")
    draw(
        Header="""
            OrgCodeSubmitter  StartDate  EndDate
            -                 -          -        <- F08:OrgCodeSubmitter F08:StartDate F08:EndDate
        """
    )


def test_the_period_is_not_one_month() -> None:
    for start, end, mark in (
        ("2013-04-02", "2013-04-30", "F08:StartDate"),
        ("2013-04-01", "2013-04-29", "F08:EndDate"),
        ("2013-04-01", "2013-05-31", "F08:EndDate"),
        ("2013-04-01", "2012-04-30", "F08:EndDate"),
        ("2013-02-01", "2013-02-29", "F08:EndDate"),
        ("April", "2013-04-30", "F08:StartDate"),
        ("1813-04-01", "1813-04-30", "F08:StartDate F08:EndDate"),
    ):
        draw(Header=f"StartDate  EndDate\n{start}  {end}  <- {mark}")


def test_the_last_day_of_any_month() -> None:
    for start, end in (("2012-02-01", "29/02/2012"), ("01/12/2012", "2012-12-31")):
        draw(
            Header=f"StartDate  EndDate\n{start}  {end}",
            Referral="RefRecDate\n2012-02-01",
        )


def test_what_cannot_be_a_providers_code() -> None:
    draw(Header="OrgCodeProvider\nR?  <- F08:OrgCodeProvider")
    draw(
        context=Context(organisations=frozenset({"RZ1"})),
        Header="OrgCodeProvider\nR?  <- F09:OrgCodeProvider",
    )


def test_a_provider_without_a_code_of_its_own() -> None:
    draw(
        context=Context(organisations=frozenset({"91A"})),
        Header="OrgCodeProvider\n89999",
        Person="OrgCodeProvider\n89999",
        Referral="OrgCodeProvider\n89999",
    )


def test_the_file_of_another_provider() -> None:
    draw(context=Context(provider="RZ1"), Header="OrgCodeProvider\nrz1")
    draw(
        context=Context(provider="RZ2"),
        Header="OrgCodeProvider\nRZ1  <- F10:OrgCodeProvider",
    )
    assert "F10" in draw(Header="OrgCodeProvider\nRZ1").not_asked


def test_no_person_stands() -> None:
    verdict = draw(
        file="<- F11:Person",
        Person="""
            LPTID  OrgCodeProvider
            P1     RZ2              <- T01
            -      RZ1              <- P01
        """,
    )
    assert verdict.outcome == REJECTED
    assert all(rows.standing == 0 for rows in verdict.tables.values())


def test_no_person_at_all() -> None:
    draw(
        file="<- F11:Person",
        without=["Person"],
        extra={"Person.csv": _line_of("Person")},
    )


def _line_of(table: str) -> str:
    return ",".join(dataset.dataset("1.0").tables[table].columns) + "\r\n"


def test_what_the_data_set_does_not_know() -> None:
    verdict = draw(
        file="<- F14:notes.txt F14:Disability.Surname",
        without=["Disability"],
        extra={
            "notes.txt": "for Monday",
            "Disability.csv": f"{DISABILITY_LINE},Surname\r\nRZ1,P1,01,Grey\r\n",
        },
    )
    assert verdict.outcome == WITH_WARNINGS
    assert verdict.tables["Disability"].standing == 1


def test_windows_1252() -> None:
    draw(
        file="<- F15:Header",
        without=["Header"],
        extra={
            "Header.csv": f"{HEADER_LINE}\r\n1.0,RZ1,RZ1,caf\xe9,2013-04-01,2013-04-30,\r\n".encode(
                "cp1252"
            )
        },
    )


def test_not_well_formed_csv() -> None:
    verdict = draw(
        file="<- F17:Disability F17:Disability",
        without=["Disability"],
        extra={"Disability.csv": f"{DISABILITY_LINE}\r\nRZ1,P1,01,\r\nRZ1,P1,02\r\nRZ1,P1\r\n"},
    )
    assert [found.line for found in verdict.findings] == [2, 4]
    assert verdict.outcome == REJECTED


def test_a_quote_that_is_not_closed() -> None:
    verdict = draw(
        file="<- F17:Disability",
        without=["Disability"],
        extra={"Disability.csv": f'{DISABILITY_LINE}\r\nRZ1,P1,01\r\n"RZ1,P1,02\r\n'},
    )
    assert verdict.findings[0].line == 3


def test_blank_rows_are_not_rows() -> None:
    """Rows are numbered without them; lines are those of the file."""
    verdict = draw(
        without=["Disability"],
        extra={
            "Disability.csv": f"{DISABILITY_LINE}\r\n,,\r\n \u00a0,,\r\nRZ1,P1,01\r\n\r\n,,\r\n"
            "RZ1,P1,02\r\n"
        },
    )
    rows = verdict.rows["Disability"]
    assert verdict.tables["Disability"].received == 2
    assert rows.lines.tolist() == [4, 7]
