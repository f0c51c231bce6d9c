"""The database roles: what the web process and the worker may do with which table, asked in SQL."""

import re
from collections.abc import Iterator

import pytest
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone

from accounts import audit
from accounts.models import AuditEvent, User
from iapt_portal import roles

WEB, WORKER = "iapt_web", "iapt_worker"
RECORDS = [
    f"submissions_{name}record" for name in ("person", "disability", "referral", "appointment")
]
READ, ADD, CHANGE, REMOVE, EMPTY = "SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE"
STATEMENTS = {
    READ: "SELECT * FROM {table} LIMIT 1",
    ADD: "INSERT INTO {table} SELECT * FROM {table} WHERE false",
    CHANGE: "UPDATE {table} SET {column} = {column} WHERE false",
    REMOVE: "DELETE FROM {table} WHERE false",
    EMPTY: "TRUNCATE {table} CASCADE",
}


@pytest.fixture(autouse=True)
def owner_again(everybody: dict[str, User]) -> Iterator[None]:
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


def column_of(table: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum = 1", [table]
        )
        return cursor.fetchone()[0]


def refused(role: str, statement: str) -> str:
    """What the database says when it refuses the role the statement; blank when it does not."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {role}")
        try:
            with transaction.atomic():
                cursor.execute(statement)
        except ProgrammingError as error:
            return str(error)
        else:
            return ""
        finally:
            cursor.execute("RESET ROLE")


def allowed(role: str, table: str) -> set[str]:
    column = column_of(table)
    answers = {
        deed: refused(role, statement.format(table=table, column=f'"{column}"'))
        for deed, statement in STATEMENTS.items()
    }
    assert all("permission denied" in said for said in answers.values() if said)
    return {deed for deed, said in answers.items() if not said}


@pytest.mark.parametrize("table", [*RECORDS, "identifying.local_key"])
def test_web_reaches_no_record_and_no_local_key(table: str) -> None:
    assert allowed(WEB, table) == set()


@pytest.mark.parametrize("table", [*RECORDS, "identifying.local_key"])
def test_worker_changes_no_record(table: str) -> None:
    assert allowed(WORKER, table) == {READ, ADD, REMOVE}


@pytest.mark.parametrize(
    ("role", "table", "deeds"),
    [
        (WEB, "accounts_auditevent", {READ, ADD}),
        (WORKER, "accounts_auditevent", {READ, ADD}),
        (WEB, "accounts_auditseal", {READ}),
        (WORKER, "accounts_auditseal", {READ, ADD}),
        (WEB, "submissions_statuschange", {READ, ADD}),
        (WORKER, "submissions_statuschange", {READ, ADD}),
        (WEB, "accounts_registerload", {READ, ADD}),
        (WORKER, "accounts_registerload", {READ}),
        (WEB, "accounts_registerentry", {READ, ADD, CHANGE}),
        (WORKER, "accounts_registerentry", {READ}),
        (WEB, "submissions_commissionercount", {READ}),
        (WORKER, "submissions_commissionercount", {READ, ADD}),
        (WORKER, "django_session", {REMOVE}),
        (WORKER, "mfa_authenticator", set()),
        (WEB, "extracts_download", {READ, ADD}),
        (WORKER, "extracts_download", {READ}),
        (WEB, "extracts_publication", {READ, ADD}),
        (WORKER, "extracts_publication", {READ}),
        (WEB, "extracts_release", {READ, ADD}),
        (WEB, "extracts_releasedpart", {READ, ADD}),
        (WORKER, "extracts_releasedpart", {READ}),
        (WEB, "django_migrations", {READ}),
        (WORKER, "django_migrations", {READ}),
        (WEB, "submissions_submission", {READ, ADD, CHANGE, REMOVE}),
        (WORKER, "submissions_submission", {READ, ADD, CHANGE, REMOVE}),
    ],
)
def test_rights_on_a_table(role: str, table: str, deeds: set[str]) -> None:
    assert allowed(role, table) == deeds


NEVER_CHANGED = [
    "extracts_releasedpart",
    "accounts_auditevent",
    "accounts_auditseal",
    "accounts_certificatechange",
    "extracts_download",
    "extracts_publication",
    "submissions_statuschange",
]


def test_the_web_withdraws_a_release_and_changes_nothing_else_of_it() -> None:
    change = "UPDATE extracts_release SET {column} = {column} WHERE false"
    for column in ("withdrawn_at", "why_withdrawn", "hidden_by_id", "why_hidden"):
        assert refused(WEB, change.format(column=column)) == ""
    for column in ("at", "by_id", "asked_by_id", "run_id", "why", "checklist"):
        assert "permission denied" in refused(WEB, change.format(column=column))


@pytest.mark.parametrize("role", [WEB, WORKER])
@pytest.mark.parametrize("table", NEVER_CHANGED)
def test_what_is_only_appended_to_is_never_changed(role: str, table: str) -> None:
    """No column of it, no row of it, whatever the statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0",
            [table],
        )
        columns = [column for (column,) in cursor.fetchall()]
    names = ", ".join(f'"{name}"' for name in columns)
    statements = [
        f"DELETE FROM {table}",
        f"TRUNCATE {table}",
        f"TRUNCATE {table} CASCADE",
        f"SELECT * FROM {table} FOR UPDATE",
        f"INSERT INTO {table} SELECT * FROM {table} ON CONFLICT (id) DO UPDATE SET id = 1",
        f"MERGE INTO {table} USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE",
        f"ALTER TABLE {table} DISABLE TRIGGER ALL",
        f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE",
        *(f'UPDATE {table} SET "{column}" = "{column}"' for column in columns),
        f"COPY {table} ({names}) FROM PROGRAM 'true'",
        "SET session_replication_role = replica",
    ]
    for statement in statements:
        said = refused(role, statement)
        assert "permission denied" in said or "must be owner" in said, (statement, said)


def test_who_may_look_into_what_identifies() -> None:
    """Not the table, not its columns, not the room it is in."""
    for statement in (
        "SELECT 1 FROM identifying.local_key",
        "SELECT count(*) FROM identifying.local_key",
        "SELECT value FROM identifying.local_key",
        "INSERT INTO identifying.local_key DEFAULT VALUES",
        "COPY identifying.local_key TO STDOUT",
        *(f"SELECT count(*) FROM {table}" for table in RECORDS),
    ):
        assert "permission denied" in refused(WEB, statement), statement


YEARS_AGO = "2013-04-01T00:00:00Z"


def as_role(role: str, statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {role}")
        cursor.execute(statement)
        cursor.execute("RESET ROLE")


@pytest.mark.parametrize("role", [WEB, WORKER])
def test_no_role_dates_an_event_back(role: str) -> None:
    as_role(
        role,
        "INSERT INTO accounts_auditevent (at, what, facts) "
        f"VALUES ('{YEARS_AGO}', 'signed out', '{{}}'), ('{YEARS_AGO}', 'signed out', '{{}}')",
    )
    found = AuditEvent.objects.filter(what="signed out")
    assert found.count() == 2
    assert {event.at.year for event in found} == {timezone.now().year}


@pytest.mark.parametrize("role", [WEB, WORKER])
def test_no_role_passes_for_the_owner_by_a_table_of_its_own(role: str) -> None:
    """A temporary table comes before the database's own of the same name; the web makes none."""
    pretend = (
        "CREATE TEMPORARY TABLE pg_class (oid oid, relowner oid); INSERT INTO pg_temp.pg_class "
        "SELECT 'public.accounts_auditevent'::regclass::oid, oid FROM pg_catalog.pg_roles "
        "WHERE rolname = current_user; "
    )
    insert = (
        "INSERT INTO accounts_auditevent (id, at, what, facts) "
        f"VALUES (999999, '{YEARS_AGO}', 'signed out', '{{}}')"
    )
    said = refused(role, f"SELECT nextval('accounts_auditevent_id_seq'); {pretend}{insert}")
    expected = "permission denied" if role == WEB else "numbered by the database"
    assert expected in said


@pytest.mark.parametrize("role", [WEB, WORKER])
def test_no_role_numbers_an_event(role: str) -> None:
    said = refused(
        role,
        "SELECT nextval('accounts_auditevent_id_seq'); INSERT INTO accounts_auditevent "
        "(id, at, what, facts) VALUES (1, DEFAULT, 'signed out', '{}')",
    )
    assert "numbered by the database" in said


@pytest.mark.parametrize("role", [WEB, WORKER])
def test_deeds_record_their_events_as_each_role(role: str, erin: User) -> None:
    """Through Django, which names `at` to say that the database dates it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {role}")
    before = AuditEvent.objects.count()
    audit.record("signed in", by=erin)
    AuditEvent.objects.bulk_create(AuditEvent(what="signed out", by=erin) for _ in range(3))
    assert AuditEvent.objects.count() == before + 4


def test_the_owner_dates_the_past_of_the_demonstration(erin: User) -> None:
    event = AuditEvent.objects.create(what="signed in", by=erin, at=YEARS_AGO)
    event.refresh_from_db()
    assert event.at.year == 2013


def test_whatever_has_a_moment_and_is_only_appended_to_is_dated_by_the_database() -> None:
    """No such table is forgotten."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.columns "
            "WHERE table_schema = 'public' AND column_name = 'at'"
        )
        dated = {
            table
            for (table,) in cursor.fetchall()
            if roles.APPEND in roles.rights_on(table) and roles.ALL not in roles.rights_on(table)
        }
    # A release is withdrawn later, and dated once all the same.
    assert dated | {"extracts_release"} == set(roles.DATED_BY_THE_DATABASE)


@pytest.mark.parametrize("role", [WEB, WORKER])
def test_nobody_but_the_owner_changes_the_schema(role: str) -> None:
    for statement, said in {
        "DROP TABLE accounts_auditevent CASCADE": "must be owner",
        "ALTER TABLE accounts_auditevent ADD COLUMN more int": "must be owner",
        "CREATE TABLE public.mine (place int)": "permission denied",
        "CREATE TABLE identifying.mine (place int)": "permission denied",
    }.items():
        assert said in refused(role, statement), statement


@pytest.mark.parametrize("role", [WEB, WORKER])
def test_nobody_takes_more_rights(role: str) -> None:
    """PostgreSQL only warns, and grants nothing."""
    refused(role, f"GRANT ALL ON accounts_auditevent TO {role}")
    assert allowed(role, "accounts_auditevent") == {READ, ADD}


def on_the_whole(rights: str) -> str:
    """Without the rights on some columns alone."""
    return re.sub(r"\w+ \([^)]*\)", "", rights)


def test_every_table_has_its_rights() -> None:
    """No table is forgotten: what PostgreSQL says is what the table of rights says."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [table for (table,) in cursor.fetchall()]
        for table in tables:
            for role, rights in zip(
                roles.ROLES, map(on_the_whole, roles.rights_on(table)), strict=True
            ):
                for deed in (READ, ADD, CHANGE, REMOVE):
                    cursor.execute("SELECT has_table_privilege(%s, %s, %s)", [role, table, deed])
                    assert cursor.fetchone()[0] == (deed in rights), (role, table, deed)


def test_roles_cannot_sign_in_by_themselves_nor_rule() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolcanlogin OR rolsuper OR rolcreaterole OR rolbypassrls FROM pg_roles "
            "WHERE rolname = ANY(%s)",
            [list(roles.ROLES)],
        )
        assert cursor.fetchall() == [(False,), (False,)]
