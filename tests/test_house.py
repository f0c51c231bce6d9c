"""The house itself: imports, migrations, addresses, stored columns, variables, printed documents."""

import ast
import csv
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse

from accounts import permissions
from accounts.models import CaldicottGuardian, DataUserCertificate, Membership, User
from extracts import publishing, releasing, specification
from extracts.models import ReleasedPart, Run
from iapt_portal import printed
from submissions import check_only
from submissions.models import FindingPlace, Report, Submission, Window
from submissions.models.records import RECORDS
from tests.extracts.reading import close_and_process
from tests.pages import same_page, visit
from tests.submissions.rows import month
from tests.submissions.sending import arrived, content, send_and_check
from validation import dataset

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("accounts", "submissions", "extracts", "validation", "iapt_portal")
SIGN_IN = "/account/sign-in/"


# -- imports, migrations, documents -----------------------------------------------------------


def test_imports_point_down() -> None:
    lint = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run(
        [lint, "--no-cache"], check=False, cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.parametrize("name", printed.DOCUMENTS)
def test_printed_document_is_what_the_code_prints(name: str) -> None:
    stored = (ROOT / name).read_text(encoding="utf-8")
    assert stored == printed.DOCUMENTS[name](), "./portal manage print_docs"


# -- addresses --------------------------------------------------------------------------------


def test_every_address_is_in_the_table_of_permissions_and_no_other() -> None:
    assert set(printed.addresses()) == set(permissions.TABLE)


PEOPLE = ["nobody", "Alice", "Bob", "Charlie", "Dora", "Erin", "Frank", "Grace"]
# What exists belongs to Alice's provider; the others' own addresses are tested by their doors.
OF_ALICE = {
    "submission",
    "submission_findings",
    "submission_if_final",
    "submission_findings_csv",
    "submission_status",
    "submission_withdraw",
    "submission_workbook",
    "submission_annotated",
    "submission_annotated_file",
    "submission_warnings",
    "submission_explain",
    "submission_explain_take_back",
    "download",
    "download_referral",
    "organisation",
    "organisation_audit",
}

# Not even her colleague's.
OF_ALICE_ALONE = {"check_result", "check_workbook", "check_annotated", "check_forget"}


@pytest.fixture
def published(everybody: dict[str, User], window: Window, tmp_path: Path, settings) -> Run:
    """Alice's file was accepted, with a warning, and processed, and the extracts are published and
    the statistics released; another of hers is being checked without having been sent."""
    settings.DATA_DIR, settings.MEDIA_ROOT = tmp_path, tmp_path / "files"
    settings.RECEIVING_DIR = tmp_path / "receiving"
    rows = month(window.primary_period)
    rows["Person"][0]["Gender"] = "7"
    send_and_check(everybody["Alice"], window, rows)
    check_only.ask(by=everybody["Alice"], once=uuid.uuid4(), file=arrived(content(rows)))
    run = close_and_process(window, everybody["Erin"])
    publishing.publish(window=window, by=everybody["Erin"])
    made = releasing.release(window=window, by=everybody["Erin"])
    # As where a quarter ends, whichever month it is today.
    month_of_it = made.parts.get(part=ReleasedPart.STATISTICS, stage="P")
    made.parts.update_or_create(
        part=ReleasedPart.STATISTICS,
        stage=ReleasedPart.QUARTER,
        defaults={"period": month_of_it.period, "content": month_of_it.content},
    )
    return run


# Their addresses name an organisation.
OF_AN_ORGANISATION = (
    "organisation",
    "organisation_audit",
    "organisation_desk",
    "organisation_guardian",
    "organisation_pilot",
    "tracker_provider",
    "quality_provider",
    "statistics_provider",
)
# Their addresses name a month.
OF_A_MONTH = ("statistics_month", "statistics_quarter")
OF_A_BREAKDOWN = ("statistics_month_by", "statistics_quarter_by")
OF_A_FILE = ("quality_file", "statistics_month_file", "statistics_quarter_file")
OF_A_RELEASE = ("statistics_release_file", "statistics_release_quality")


def released(run: Run) -> int:
    """The number of its release, or of none where there is none."""
    return run.releases.values_list("id", flat=True).first() or 999_999


def place(name: str, run: Run, exists: bool = True) -> str:
    """The address itself, of what is there or of what is not."""
    certificate = DataUserCertificate.objects.get(organisation__code="RZ1")
    number = (
        {
            "download": run.extracts.get(recipient__code="RZ1", stage="P").id,
            "submission": Submission.objects.get().id,
            "national": run.extracts.national().get(stage="P").id,
            "check": Report.objects.get(submission=None).id,
            "window": run.window_id,
            "windows": 2013,
            "statistics": released(run),
            # Pages and deeds of staff alone: who else asks gets no further than the table.
            "asked": 1,
            "notice": 1,
            "certificate": certificate.id,
            "guardian": CaldicottGuardian.objects.get(organisation__code="RZ1").id,
            "membership": Membership.objects.get(name="Alice Archer").id,
            "person": Membership.objects.get(name="Alice Archer").user_id,
            # Passkeys, of whom there are none.
            "mfa": 1,
        }[name.partition("_")[0]]
        if re.search("<int", printed.addresses()[name])
        else 0
    )
    warning = FindingPlace.objects.get().id if exists else 999_999
    period = f"{run.window.primary_period:%Y-%m}" if exists else "1999-01"
    words = {
        "quality_month": [period],
        "quality_item": [period, "gender"],
        **{key: [period] for key in OF_A_MONTH},
        **{key: [period, "provider"] for key in OF_A_BREAKDOWN},
        **{key: [period, "csv"] for key in OF_A_FILE},
        "statistics_figure": ["received" if exists else "nothing"],
        "statistics_commissioner": ["91A" if exists else "99Z"],
        "statistics_exact": ["provider", "RZ1" if exists else "RZ9"],
        "statistics_outliers": [run.window_id if exists else 999_999],
        **{key: [released(run) if exists else 999_999, "csv"] for key in OF_A_RELEASE},
        "statistics_release_part": [
            released(run) if exists else 999_999,
            *("quality", "provisional"),
        ],
        "submission_warnings": [Submission.objects.get().id, "P21" if exists else "P22"],
        "submission_explain": [Submission.objects.get().id, warning],
        "submission_explain_take_back": [Submission.objects.get().id, warning],
        "empty_database": ["1.0" if exists else "9.9", "mdb"],
        "guidance_page": ["send" if exists else "nothing"],
        "dictionary_column": ["Person", "Gender" if exists else "Surname"],
        "rule": ["R06" if exists else "R99"],
        "extract_column": ["Person", "GENDER" if exists else "SURNAME"],
        "definition": ["recovered" if exists else "nothing"],
        "account_reset_password_from_key": ["1", "no-such-key"],
        "register_file": ["2013", "04"],
        "certificate_progress": [certificate.key if exists else uuid.uuid4()],
        **{key: ["no-such-secret"] for key in ("approval", "invitation", "invitation_again")},
        **{key: ["RZ1" if exists else "RZ9"] for key in OF_AN_ORGANISATION},
    }
    if name in words:
        return reverse(name, args=words[name])
    return reverse(name, args=[number if exists else 999_999] if number else [])


class Caller:
    """Somebody who asks again and again, each time as if it were the first."""

    def __init__(self, user: User | None):
        self.client = visit(user)
        self.cookies = self.client.cookies.copy()

    def ask(self, method: str, address: str) -> HttpResponse:
        self.client.cookies = self.cookies.copy()
        return getattr(self.client, method.lower())(address)


def ask(user: User | None, method: str, address: str) -> HttpResponse:
    return Caller(user).ask(method, address)


@contextmanager
def undone() -> Iterator[None]:
    """Whatever one person does is not there for the next."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_every_address_turns_away_whom_the_table_does_not_name(
    published: Run, everybody: dict[str, User], method: str
) -> None:
    # All that is asked is undone: they stay the same throughout.
    addresses = {name: place(name, published) for name in permissions.TABLE}
    for person in PEOPLE:
        user = everybody.get(person)
        caller = Caller(user)
        nowhere = caller.ask(method, "/nowhere/")
        assert nowhere.status_code == 404
        for name, address in addresses.items():
            with undone():
                answer = caller.ask(method, address)
                said = (person, address)
                assert answer.status_code < 500, said
                if user is None and permissions.TABLE[name].who not in permissions.PUBLIC:
                    assert answer["Location"] == f"{SIGN_IN}?next={address}", said
                elif user is not None and not permissions.may(user, name):
                    assert answer.status_code == 404, said
                    assert same_page(answer, nowhere), said


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize("person", ["Charlie", "Dora", "Grace"])
def test_what_is_anothers_is_not_there(
    published: Run, everybody: dict[str, User], person: str, method: str
) -> None:
    for name in OF_ALICE | OF_ALICE_ALONE:
        theirs = ask(everybody[person], method, place(name, published))
        missing = ask(everybody[person], method, place(name, published, exists=False))
        assert theirs.status_code == missing.status_code, name
        if theirs.status_code == 302:
            # A deed's address leads to its page, which is not there either.
            client = visit(everybody[person])
            theirs, missing = (client.get(answer["Location"]) for answer in (theirs, missing))
            assert theirs.status_code == 404, name
        assert theirs.status_code in {404, 405}, name
        assert same_page(theirs, missing), name


def test_every_public_address_answers_head_as_get(published: Run) -> None:
    caller = Caller(None)
    names = [name for name, row in permissions.TABLE.items() if row.who in permissions.PUBLIC]
    assert {"statistics_month_file", "definition", "rule"} <= set(names)
    for name in names:
        for exists in (True, False):
            address = place(name, published, exists)
            found, asked = (caller.ask(method, address) for method in ("GET", "HEAD"))
            assert asked.status_code == found.status_code, address
            assert not asked.content, address


@pytest.mark.parametrize("number", [0, 1, 999_999, 2**31, 2**63, 10**30])
def test_no_number_in_an_address_is_our_fault(
    published: Run, everybody: dict[str, User], number: int
) -> None:
    numbered = {
        name: re.sub("<slug:[^>]*>", "P21", re.sub("<int:[^>]*>", str(number), address))
        for name, address in printed.addresses().items()
        if "<int" in address
    }
    assert {"submission", "submission_explain", "download", "window"} <= set(numbered)
    for person in ("nobody", "Alice", "Dora", "Erin"):
        caller = Caller(everybody.get(person))
        for name, address in numbered.items():
            for method in ("GET", "POST"):
                with undone():
                    answer = caller.ask(method, f"/{address}")
                    assert answer.status_code < 500, (person, name, method)


def test_those_whom_the_table_names_are_let_in(published: Run, everybody: dict[str, User]) -> None:
    # What there is of a second factor depends on what one has set up; a link has tests of its own.
    names = [
        name
        for name, row in permissions.TABLE.items()
        if not name.startswith("mfa_") and row.who is not permissions.link_holder
    ]
    for person in PEOPLE[1:]:
        for name in names:
            user = everybody[person]
            hers = person == "Alice" or name not in OF_ALICE_ALONE
            hers &= person in {"Alice", "Bob", "Erin", "Frank"} or name not in OF_ALICE
            if permissions.may(user, name) and hers:
                assert ask(user, "GET", place(name, published)).status_code != 404, (person, name)


def test_pages_of_somebody_signed_in_are_not_kept_by_browsers(alice: User) -> None:
    for name in ("home", "send", "submissions", "downloads"):
        assert visit(alice).get(reverse(name))["Cache-Control"] == "no-store"


def test_no_page_allows_a_script_of_its_own(alice: User) -> None:
    policy = visit(alice).get("/")["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy


# -- what is stored ---------------------------------------------------------------------------

Column = tuple[str, str]


def stored() -> set[Column]:
    """Every stored column of every model."""
    models = apps.get_models(include_auto_created=True)
    return {
        (model._meta.db_table.replace('"', ""), field.column)
        for model in models
        for field in model._meta.concrete_fields
        if field.column
    }


def declared() -> dict[Column, str]:
    with (ROOT / "docs/stored_columns.csv").open(encoding="utf-8", newline="") as file:
        return {(row["table"], row["column"]): row["sensitivity"] for row in csv.DictReader(file)}


def of_kind(sensitivity: str) -> set[Column]:
    return {column for column, said in declared().items() if said == sensitivity}


def test_every_stored_column_is_declared() -> None:
    assert set(declared()) == stored()
    assert set(declared().values()) == {"identifying", "pseudonymous", "plain"}


def test_no_record_holds_what_identifies() -> None:
    records = {model._meta.db_table for model in RECORDS.values()}
    assert not {column for column in of_kind("identifying") if column[0] in records}
    for table, model in RECORDS.items():
        names = {field.column for field in model._meta.concrete_fields}
        for column in dataset.widest().tables[table].columns.values():
            assert column.sensitivity == "plain" or column.record not in names, column


def test_what_the_data_set_calls_identifying_is_never_recorded() -> None:
    said = [c for c in dataset.widest().columns() if c.sensitivity == "identifying"]
    assert {c.name for c in said} == {"LPTID", "NHSNumber", "BirthDate", "Postcode", "ServiceID"}
    assert not any(column.is_recorded for column in said)


def test_extracts_show_what_identifies_to_the_provider_alone() -> None:
    """LPTID and SERVICEID stand in the provider's own extract, and nothing else does anywhere."""
    own = {column.name for column in specification.columns() if column.recipient == "own"}
    assert own == {"LPTID", "SERVICEID"}
    for column in specification.columns():
        identifying = re.search(r"own_|local_key|\.value", column.expression)
        assert not identifying or column.recipient == "own", column.name


def test_extracts_show_no_internal_pseudonym() -> None:
    internal = {name for _, name in of_kind("pseudonymous")}
    for column in specification.columns():
        assert not {f"t.{name}" for name in internal} & set(column.expression.split()), column.name


# -- variables --------------------------------------------------------------------------------


def read_by_settings() -> set[str]:
    """The names in `env.text("NAME")` and its like."""
    tree = ast.parse((ROOT / "iapt_portal/settings.py").read_text(encoding="utf-8"))
    return {
        call.args[0].value
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "env"
    }


def test_readme_lists_every_variable_and_no_other() -> None:
    section = (ROOT / "README.md").read_text(encoding="utf-8").split("## Settings")[1]
    table = [line for line in section.split("\n## ")[0].splitlines() if line.startswith("| `")]
    listed = {name for line in table for name in re.findall(r"`([A-Z0-9_]+)`", line.split("|")[1])}
    assert listed == read_by_settings()


def sources(*rooms: str) -> list[Path]:
    return [path for room in rooms for path in (ROOT / room).rglob("*.py")]


def test_variables_are_read_in_the_settings_alone() -> None:
    readers = {
        str(path.relative_to(ROOT))
        for path in sources(*ROOMS)
        if re.search(r"\benv\.(text|flag|number|words)\(", path.read_text(encoding="utf-8"))
    }
    assert readers == {"iapt_portal/settings.py"}
    # Which of the caller's variables the boxed-in reader may see is its own affair.
    box = ROOT / "validation/reading/child.py"
    for path in sources("accounts", "submissions", "extracts", "validation"):
        assert path == box or "os.environ" not in path.read_text(encoding="utf-8"), path


# The lives of a submission, of a certificate and of a run; the benchmark makes a run of its own.
LIVES = {
    "lifecycle.py",
    "certificates.py",
    "processing.py",
    "previewing.py",
    "bench_extracts.py",
}


def test_status_is_written_by_the_life_alone() -> None:
    """Nothing but the `move` of a life sets the status of a submission or a certificate."""
    for path in sources("submissions", "extracts", "iapt_portal", "accounts"):
        text = path.read_text(encoding="utf-8")
        if path.name not in LIVES and "migrations" not in path.parts:
            assert not re.search(r"\.update\([^)]*\bstatus=|\.status = ", text), path


def test_deeds_tell_the_time_by_the_databases_clock() -> None:
    """Several machines agree on it. Of files on its own disk a machine's clock knows best."""
    by_their_own = {
        path.name
        for path in sources("accounts", "submissions", "extracts")
        if re.search(r"timezone\.(now|localdate)\(", path.read_text(encoding="utf-8"))
    }
    assert by_their_own == {"raw_files.py", "reports.py"}
