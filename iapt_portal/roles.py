"""The database roles: what the web process and the worker may do, as one table.

The owner migrates. The web cannot reach the `identifying` schema nor write records; nobody but the
owner can change or delete what is in the audit or in the lives of submissions. Applied after every
migration.
"""

from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db import connections

ROLES = ("iapt_web", "iapt_worker")
ALL, READ, APPEND = "SELECT, INSERT, UPDATE, DELETE", "SELECT", "SELECT, INSERT"
NOTHING = ""

# All that ever changes of a release.
WITHDRAWAL = ", ".join(f"{deed}_at, {deed}_by_id, why_{deed}" for deed in ("withdrawn", "hidden"))

# table, or pattern of tables -> what the web may do, what the worker may do. Later rows win.
RIGHTS = (
    ("%", NOTHING, NOTHING),
    ("django_%", READ, READ),
    # The worker clears what is over, and reads nobody's.
    ("django_session", ALL, "SELECT (session_key, expire_date), DELETE"),
    ("portal_cache", ALL, NOTHING),
    ("auth_%", READ, READ),
    ("account_%", ALL, NOTHING),
    ("mfa_%", ALL, NOTHING),
    ("accounts_%", ALL, READ),
    ("accounts_mail", ALL, ALL),
    ("accounts_reminded", APPEND, APPEND),
    ("accounts_certificatechange", APPEND, READ),
    ("accounts_link", "SELECT, INSERT, UPDATE", READ),
    ("accounts_askeddeed", "SELECT, INSERT, UPDATE", READ),
    ("accounts_notice", "SELECT, INSERT, UPDATE", NOTHING),
    ("accounts_caldicottguardian", "SELECT, INSERT, UPDATE", READ),
    ("accounts_datausercertificate", "SELECT, INSERT, UPDATE", READ),
    ("accounts_membership", "SELECT, INSERT, UPDATE", READ),
    ("accounts_registerentry", "SELECT, INSERT, UPDATE", READ),
    ("accounts_registerload", APPEND, READ),
    ("submissions_%", ALL, ALL),
    ("extracts_%", ALL, ALL),
    ("accounts_auditevent", APPEND, APPEND),
    ("accounts_auditseal", READ, APPEND),
    ("submissions_statuschange", APPEND, APPEND),
    ("submissions_commissionercount", READ, APPEND),
    ("submissions_report", "SELECT, INSERT, DELETE", "SELECT, UPDATE, DELETE"),
    ("submissions_explanation", "SELECT, INSERT, DELETE", "SELECT, DELETE"),
    ("submissions_%record", NOTHING, "SELECT, INSERT, DELETE"),
    ("extracts_download", APPEND, READ),
    ("extracts_purgedperiod", READ, APPEND),
    ("extracts_publication", APPEND, READ),
    ("extracts_figurecount", READ, ALL),
    ("extracts_remembered", "SELECT, INSERT, DELETE", "SELECT, INSERT, DELETE"),
    (
        "extracts_release",
        f"SELECT, INSERT, UPDATE ({WITHDRAWAL})",
        READ,
    ),
    ("extracts_releasedpart", APPEND, READ),
)

# What is only ever appended to, with its moment: no role but the owner dates or numbers a row.
DATED_BY_THE_DATABASE = (
    "accounts_auditevent",
    "accounts_certificatechange",
    "accounts_registerload",
    "accounts_reminded",
    "extracts_download",
    "extracts_publication",
    "extracts_purgedperiod",
    "extracts_release",
    "submissions_statuschange",
)

# A right on the columns alone would not do: Django names `at` in every statement, to say DEFAULT.
# A number of its own is the one that this session's sequence has just given.
DATE = """
CREATE OR REPLACE FUNCTION dated_by_the_database() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT pg_has_role(
        current_user, (SELECT relowner FROM pg_catalog.pg_class WHERE oid = TG_RELID), 'MEMBER'
    ) THEN
        NEW.at := pg_catalog.clock_timestamp();
        IF NEW.id <> currval(pg_get_serial_sequence(TG_RELID::regclass::text, 'id')) THEN
            RAISE insufficient_privilege USING MESSAGE = 'a row is numbered by the database';
        END IF;
    END IF;
    RETURN NEW;
END $$"""
DATED = """
CREATE OR REPLACE TRIGGER dated_by_the_database BEFORE INSERT ON {table}
FOR EACH ROW EXECUTE FUNCTION dated_by_the_database()"""

MAKE = """
DO $$ BEGIN
    CREATE ROLE {role} NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$"""


def grant(using: str) -> None:
    """Make the roles where they are missing, and give them exactly their rights."""
    with connections[using].cursor() as cursor:
        for role in ROLES:
            cursor.execute(MAKE.format(role=role))
            cursor.execute(f"GRANT {role} TO CURRENT_USER")
            cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
            cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}")
        # Temporary tables come before all others where a name is looked up: extracts need them.
        database = connections[using].ops.quote_name(connections[using].settings_dict["NAME"])
        cursor.execute(f"REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC")
        cursor.execute(f"GRANT TEMPORARY ON DATABASE {database} TO iapt_worker")
        cursor.execute("GRANT USAGE ON SCHEMA identifying TO iapt_worker")
        cursor.execute("GRANT SELECT, INSERT, DELETE ON identifying.local_key TO iapt_worker")
        cursor.execute(DATE)
        for table in DATED_BY_THE_DATABASE:
            cursor.execute(DATED.format(table=table))
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            for role, rights in zip(ROLES, rights_on(table), strict=True):
                cursor.execute(f'REVOKE ALL ON "{table}" FROM {role}')
                if rights:
                    cursor.execute(f'GRANT {rights} ON "{table}" TO {role}')


def let_in(using: str) -> None:
    """Give a role that has a login of its own (DATABASE_URL_WEB, DATABASE_URL_WORKER) its password.

    A login of another name is the database administrator's affair.
    """
    for process, address in settings.OWN_LOGINS.items():
        url = urlsplit(address)
        role = settings.DATABASE_ROLES[process]
        if url.username == role and url.password:
            with connections[using].cursor() as cursor:
                cursor.execute(f"ALTER ROLE {role} LOGIN PASSWORD %s", [unquote(url.password)])


def rights_on(table: str) -> tuple[str, str]:
    """What the web and the worker may do with a table."""
    found = (NOTHING, NOTHING)
    for pattern, web, worker in RIGHTS:
        if matches(pattern, table):
            found = (web, worker)
    return found


def matches(pattern: str, table: str) -> bool:
    before, wild, after = pattern.partition("%")
    return table == pattern or (bool(wild) and table.startswith(before) and table.endswith(after))


def after_migrate(using: str, **kwargs: Any) -> None:
    """Once all rooms have their tables."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT to_regclass('identifying.local_key') IS NOT NULL")
        ready = cursor.fetchone()[0]
    if ready:
        grant(using)
        let_in(using)
