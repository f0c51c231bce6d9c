"""Deriving: what the appointments of a pathway come to, over all months held, for every referral
of a stage; once for all recipients.

`specification.derivations` declares each value; here they become one statement. Attended
appointments within a referral are grouped once: the first and the last of something are the least
and the greatest of numbers that hold moment and value, so that nothing is sorted for them. The
steps after that look at one referral each. Two tables, made anew for each stage:

    d_derived      each referral with all that is derived of it
    d_appointment  each appointment of now: its record, its place within its referral, and its rank
"""

import re

from extracts import linking
from extracts.linking import execute
from extracts.models import Run
from extracts.specification.derivations import ROOM, derivations, measures, terms
from validation import dataset

TABLES = ("d_derived", "d_appointment")
STEPS = max(one.step for one in derivations())
THERAPIES = ("a.thertype1", "a.thertype2", "a.thertype3", "a.thertype4")

# Day, time (blank last) and type (blank last) as one number.
MOMENT = """((a.appointment - DATE '1900-01-01')::bigint * 1000000
             + coalesce(replace(a.appointmenttime, ':', '')::int, 999999)) * 10
            + coalesce(a.apptype::int, 9)"""

# Time (blank last) and type, then whatever else an appointment says: those that agree in all of it
# are alike, so that no order depends on the line.
_FIRST = ["appointment", "appointmenttime", "apptype"]
_REST = [
    column.record
    for column in dataset.widest().tables["Appointment"].columns.values()
    if column.is_recorded and column.record not in _FIRST
]
BY_WHAT_IT_SAYS = ", ".join(f"a.{name} NULLS LAST" for name in _FIRST + _REST)


def derive(run: Run, stage: str, provider: str | None = None) -> None:
    """Make the tables of a stage, replacing those that are there; inside a transaction. With
    `provider` of its referrals alone. Of a quarter `d_appointment` is left out: it has no extract.
    """
    linking.link(run, stage, provider)
    for table in TABLES:
        execute(f"DROP TABLE IF EXISTS {table}")
    # Compiling a hundred expressions takes longer than what it saves.
    execute("SET LOCAL jit = off")
    execute(derived_statement())
    execute("ALTER TABLE d_derived ADD PRIMARY KEY (key)")
    execute("CREATE INDEX ON d_derived (provider)")
    execute("CREATE INDEX ON d_derived (orgcodecomm)")
    execute(
        "ANALYZE d_derived (key, submission_id, row, provider, orgcodecomm, ic_use_pathway_flag)"
    )
    if stage != linking.QUARTER:
        execute(appointment_statement())
        execute("CREATE INDEX ON d_appointment (key)")
        execute("ANALYZE d_appointment")
    # What comes next in the transaction takes few rows out of many.
    execute("SET LOCAL enable_nestloop TO DEFAULT")


def derived_statement() -> str:
    """The statement that makes `d_derived`."""
    columns = ", ".join(one.stored for one in derivations() if one.is_column)
    return f"""
        CREATE TEMPORARY TABLE d_derived AS
        WITH contact AS ({_contacts()}),
             step_1 AS (SELECT c.key, {_expressions(1)}
                        FROM d_referral c LEFT JOIN contact USING (key)
                        GROUP BY c.key),
             step_1_with_referral AS (SELECT * FROM d_referral JOIN step_1 USING (key)),
             {", ".join(_later_step(step) for step in range(2, STEPS + 1))}
        SELECT {", ".join(linking.REFERRAL_COLUMNS)}, treatments_before, {columns}
        FROM step_{STEPS}"""


def _expressions(step: int) -> str:
    made = [f"{of_run(one.sql)} AS {one.stored}" for one in derivations() if one.step == step]
    return ", ".join(made)


def of_run(sql: str) -> str:
    """`run.period_end` is what the one row of `d_run` says."""
    return re.sub(r"\brun\.(\w+)", r"(SELECT \1 FROM d_run)", sql)


def _later_step(step: int) -> str:
    """OFFSET 0 keeps the planner from writing each expression out wherever it is used."""
    before = f"step_{step - 1}" if step > 2 else "step_1_with_referral"
    return f"""step_{step} AS (SELECT before.*, {_expressions(step)}
                               FROM {before} before OFFSET 0)"""


def _contacts() -> str:
    """The attended appointments within each referral, over all months, with what is asked of
    them."""
    word = {term.term: of_run(term.sql) for term in terms().values()}
    asked = ("assessment", "before_follow_up", "treatment", "in_year")
    flags = ", ".join(f"{word[term]} AS {term}" for term in asked)
    values = ", ".join(f"{measure.value} AS {measure.record}" for measure in measures())
    bits = " | ".join(f"coalesce(1::bigint << {code}::int, 0)" for code in THERAPIES)
    return f"""
        SELECT *, CASE WHEN before_follow_up THEN moment * {ROOM} END AS answered_at,
               CASE WHEN treatment THEN moment * {ROOM} END AS treated_at,
               CASE WHEN treatment THEN bits END AS therapies
        FROM (SELECT i.key, a.appointment, {flags}, {values}, {bits} AS bits,
                     coalesce({", ".join(THERAPIES)})::int AS first_therapy, {MOMENT} AS moment
              FROM d_instance i
              JOIN submissions_appointmentrecord a
                ON a.submission_id = i.submission_id AND a.referral_row = i.row
              JOIN d_referral c USING (key)
              WHERE {word["attended"]} AND {word["within_referral"]}
              OFFSET 0) asked"""


def appointment_statement() -> str:
    """The statement that makes `d_appointment`."""
    word = {term.term: f"({of_run(term.sql)})" for term in terms().values()}
    treatment = " AND ".join(word[term] for term in ("attended", "within_referral", "treatment"))
    return f"""
        CREATE TEMPORARY TABLE d_appointment AS
        SELECT c.key, a.*,
               row_number() OVER in_order AS place,
               CASE WHEN {treatment} THEN c.treatments_before
                    + count(*) FILTER (WHERE {treatment}) OVER in_order END AS treatment_rank
        FROM d_derived c
        JOIN submissions_appointmentrecord a
          ON a.submission_id = c.submission_id AND a.referral_row = c.row
        WINDOW in_order AS (PARTITION BY c.key ORDER BY {BY_WHAT_IT_SAYS}
                            ROWS UNBOUNDED PRECEDING)
        ORDER BY c.key"""
