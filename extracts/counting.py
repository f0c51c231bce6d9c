"""The exact figures of a stage that statistics are made of: of the nation, of each provider and
commissioner, counted once for all from what is derived, and kept with the run.

They are nobody's to see but an organisation's own and staff's; what is public goes through
disclosure control first (`extracts.statistics`).
"""

from django.db import connection

from extracts.figures import figures
from extracts.models import FigureCount, Run

# What figures are counted by, with the expression over `d_derived` that says which of it a pathway
# belongs to.
BREAKDOWNS = {
    "national": "''",
    "provider": "d.provider",
    "commissioner": "coalesce(d.ccg, '')",
}


def count(run: Run, stage: str) -> None:
    """Keep the figures of a stage, replacing those that are there; once it is derived, inside a
    transaction. Each pathway counts once: by its newest instance in the month."""
    run.figure_counts.filter(stage=stage).delete()
    for by, expression in BREAKDOWNS.items():
        FigureCount.objects.bulk_create(
            FigureCount(run=run, stage=stage, by=by, of=of, figures=counted, contributors=providers)
            for of, counted, providers in _counted(expression)
        )


def _counted(expression: str) -> list[tuple[str, dict[str, int], dict[str, int]]]:
    """By what the expression says: each figure, and how many providers contribute to it."""
    told = {figure.name: figure.sql for figure in figures()}
    where = {name: sql.format(**told) for name, sql in told.items()}
    numbers = [f"count(*) FILTER (WHERE {sql})" for sql in where.values()]
    providers = [f"count(DISTINCT d.provider) FILTER (WHERE {sql})" for sql in where.values()]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT {expression}, {", ".join(numbers + providers)}
                FROM d_derived d CROSS JOIN d_run run
                WHERE d.ic_use_pathway_flag = 'Y' GROUP BY 1 ORDER BY 1"""
        )
        return [
            (
                of,
                dict(zip(told, both[: len(told)], strict=True)),
                dict(zip(told, both[len(told) :], strict=True)),
            )
            for of, *both in cursor
        ]
