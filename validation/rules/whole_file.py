"""What the rules on the file as a whole say; `validation.rules.file` asks them."""

from validation.finding import Severity
from validation.rule import HISTORY, ORGANISATIONS, PERIOD, SENDER, declare
from validation.rules.words import CHOICE

REJECT_FILE, WARN = Severity.REJECT_FILE, Severity.WARN
DOWNLOAD = "Empty databases and CSV templates can be downloaded from the portal."
STRUCTURE = (
    "Guidance on the successor's intermediate database, taken over here: its structure must not "
    "be altered."
)

DECLARED = [
    declare(
        "F01",
        REJECT_FILE,
        "The file is not a readable IAPT database.",
        "Mend it and send it again. If that does not help, send the same tables as one zip of five "
        "CSV files.",
        source=CHOICE,
        example="""
            Fails: a picture named month.mdb; a database with a password; a zip with a password.
            Passes: the Access database as it was issued, filled in; a zip of five CSV files.
        """,
    ),
    declare(
        "F03",
        REJECT_FILE,
        "The reporting period does not match the selected submission type.",
        "Choose the other kind, or send the file of the right month.",
        needs=PERIOD,
        asks=("Header.StartDate",),
        source="The published page about this service: each window takes a Primary of one month "
        "and a Refresh of the one before.",
        example="""
            Given period 2013-04

            Header:
            StartDate   EndDate
            2013-04-01  2013-04-30
            2013-03-01  2013-03-31   <- F03:StartDate
        """,
    ),
    declare(
        "F04",
        WARN,
        "No primary submission exists to refresh.",
        "The refresh is taken. Nothing to do, unless you meant to send a primary.",
        needs=HISTORY,
        source=CHOICE,
        example="""
            Fails: a Refresh of March, when no Primary of March was ever accepted.
            Passes: a Refresh of March, when a Primary of March stands.
        """,
    ),
    declare(
        "F05",
        REJECT_FILE,
        "A table is missing or renamed.",
        f"Put it back under its own name. {DOWNLOAD}",
        source=STRUCTURE,
        example="""
            Fails: a zip with Header.csv, Person.csv, Referral.csv and Appointment.csv, as nobody
            has a disability.
            Passes: the same with a Disability.csv that holds the names of its columns only.
        """,
    ),
    declare(
        "F06",
        REJECT_FILE,
        "A column is missing or cannot be read, or the version is not known.",
        "Every column of the version is there as the data dictionary has it, not renamed, removed "
        "or retyped. The version is 1.0; only pilot sites send 1.0P. "
        "Empty databases and CSV templates of your version can be downloaded from the portal.",
        source=STRUCTURE,
        example="""
            Header:
            DataSetVersion
            1.0
            1.5             <- F06:DataSetVersion
            -               <- F06:DataSetVersion
        """,
    ),
    declare(
        "F07",
        REJECT_FILE,
        "Exactly one header record is required.",
        "The Header table holds one row: version, provider, submitter and period.",
        source="NHS Data Dictionary: one header in the data set's later version.",
        example="""
            Fails: a Header without a row; one with a row for each month.
            Passes: a Header with one row.
        """,
    ),
    declare(
        "F08",
        REJECT_FILE,
        "A mandatory header item is missing, or the reporting period is not one calendar month.",
        "StartDate is the first and EndDate the last day of the same month.",
        asks=("Header.StartDate", "Header.EndDate"),
        source=CHOICE,
        example="""
            Header:
            OrgCodeProvider  OrgCodeSubmitter  StartDate   EndDate
            RZ1              8A123             2013-04-01  30/04/2013
            -                RZ1               2013-04-01  2013-04-30   <- F08:OrgCodeProvider
            RZ1              -                 2013-04-01  2013-04-30   <- F08:OrgCodeSubmitter
            RZ1              RZ1               2013-04-02  2013-04-30   <- F08:StartDate
            RZ1              RZ1               2013-04-01  2013-05-31   <- F08:EndDate
            RZ1              RZ1               April       2013-04-30   <- F08:StartDate
        """,
    ),
    declare(
        "F09",
        REJECT_FILE,
        "The provider code is not recognised.",
        "Look the code up in the ODS directory.",
        needs=ORGANISATIONS,
        source=CHOICE,
        example="""
            Given organisations RZ1 91A

            Header:
            OrgCodeProvider
            rz1
            RZ9              <- F09:OrgCodeProvider
            R?               <- F09:OrgCodeProvider
        """,
    ),
    declare(
        "F10",
        REJECT_FILE,
        "The file is of another provider than the one chosen.",
        "Choose the provider whose file it is, or send the right file.",
        needs=SENDER,
        asks=("Header.OrgCodeProvider",),
        source="The published page about this service: who sends is registered for the provider.",
        example="""
            Given provider RZ1

            Header:
            OrgCodeProvider
            rz1
            RZ2              <- F10:OrgCodeProvider
        """,
    ),
    declare(
        "F11",
        REJECT_FILE,
        "No valid person records were found.",
        "Look at what rejected the rows of Person, mend it and send the whole file again.",
        source=CHOICE,
        example="""
            Fails: a file of which every row of Person is rejected, or one without such a row.
            Passes: a file of which one row of Person stands.
        """,
    ),
    declare(
        "F12",
        WARN,
        "This submission replaces an earlier one.",
        "Nothing to do. The earlier one stands again if you withdraw this one.",
        needs=HISTORY,
        source=CHOICE,
        example="""
            Fails: a second Primary of April while the window is open.
            Passes: the first Primary of April.
        """,
    ),
    declare(
        "F14",
        WARN,
        "A table or column is not part of the data set and was not read.",
        "Leave it out of the next file, above all if it holds names or addresses.",
        source="Design choice of this portal: Access files often carry leftovers.",
        example="""
            Fails: a column Surname in Person; a table of notes; CareCluster in a file of version
            1.0.
            Passes: a file with the tables and columns of its version and no other.
        """,
    ),
    declare(
        "F15",
        WARN,
        "The file was read as Windows-1252.",
        "Save it as UTF-8, so that every character arrives as it was.",
        source=CHOICE,
        example="""
            Fails: a CSV with café written as Excel's plain CSV writes it.
            Passes: a CSV in UTF-8, or in UTF-16 with a byte order mark.
        """,
    ),
    declare(
        "F16",
        WARN,
        "A header item is not valid.",
        "Correct it in the next file; nothing else depends on it.",
        source=CHOICE,
        example="""
            Header:
            OrgCodeSubmitter  PrimSystem             DateCreated
            8A123             12345678901234567890   2013-05-02T10:11:12.5
            R!                Ours                   2013-05-02             <- F16:OrgCodeSubmitter
            RZ1               123456789012345678901  yesterday              <- F16:PrimSystem F16:DateCreated
        """,  # noqa: E501
    ),
    declare(
        "F17",
        REJECT_FILE,
        "The file is not well-formed CSV.",
        "Every row has as many fields as the first line; a field with a comma stands in quotes.",
        source="RFC 4180, the common form of CSV; that nothing else is tried is a design choice.",
        example="""
            Fails: a row with one comma too many; a quotation mark that is never closed.
            Passes: a field with a comma inside, in quotes.
        """,
    ),
]
