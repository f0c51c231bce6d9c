"""The database roles: what the web process and the worker may do with which table, asked in SQL."""

from collections.abc import Iterator

import pytest
from django.db import ProgrammingError, connection, transaction

from accounts.models import User
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
        (WEB, "extracts_download", {READ, ADD}),
        (WORKER, "extracts_download", {READ}),
        (WEB, "extracts_publication", {READ, ADD}),
        (WORKER, "extracts_publication", {READ}),
        (WEB, "django_migrations", {READ}),
        (WORKER, "django_migrations", {READ}),
        (WEB, "submissions_submission", {READ, ADD, CHANGE, REMOVE}),
        (WORKER, "submissions_submission", {READ, ADD, CHANGE, REMOVE}),
    ],
)
def test_rights_on_a_table(role: str, table: str, deeds: set[str]) -> None:
    assert allowed(role, table) == deeds


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


def test_every_table_has_its_rights() -> None:
    """No table is forgotten: what PostgreSQL says is what the table of rights says."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [table for (table,) in cursor.fetchall()]
        for table in tables:
            for role, rights in zip(roles.ROLES, roles.rights_on(table), strict=True):
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
