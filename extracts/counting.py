"""The exact figures of a stage that statistics are made of, and of the quarter that ends with a
final month: of the nation, of each provider, commissioner, age, gender and ethnic category
(`specification.breakdowns`), counted once for all from what is derived, and kept with the run.

They are nobody's to see but an organisation's own and staff's; what is public goes through
disclosure control first (`extracts.statistics`).
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date

from django.db import connection, transaction

from extracts import deriving
from extracts.figures import Place, figures
from extracts.linking import NOW, QUARTER, first_day
from extracts.models import FigureCount, Run
from extracts.specification.breakdowns import NATIONAL, PROVIDER, breakdowns
from submissions import tracking
from submissions.models.calendar import Kind
from submissions.periods import ends_quarter, month_after


def count(run: Run, stage: str) -> None:
    """Keep the figures of a stage, replacing those that are there; once it is derived, inside a
    transaction. Each pathway counts once: by its newest instance in the period."""
    run.figure_counts.filter(stage=stage).delete()
    counted, providers = _counted()
    FigureCount.objects.bulk_create(
        FigureCount(
            run=run,
            stage=stage,
            by=by,
            of=of,
            figures={one.name: counted[by, of, one.name] for one in figures()},
            contributors={one.name: providers[by, of, one.name] for one in figures()},
        )
        for by, of in dict.fromkeys((by, of) for by, of, _ in counted)
    )


def count_quarter(run: Run) -> None:
    """Keep the figures of the quarter that ends with the run's final month, where one does and
    they are not kept yet: from the final data of its months, as far as they were sent, as the run
    froze them."""
    is_kept = run.figure_counts.filter(stage=QUARTER).exists()
    if ends_quarter(run.window.period(Kind.REFRESH)) and not is_kept:
        with transaction.atomic():
            deriving.derive(run, QUARTER)
            count(run, QUARTER)


def coverage(run: Run, stage: str) -> dict[str, list[str]]:
    """By month of a stage's period, as `2013-06`, the providers that its figures come from."""
    used = run.frozen.filter(
        stage__in=NOW[stage], submission__period__gte=first_day(run, stage)
    ).order_by("submission__provider__code")
    found: dict[str, list[str]] = {month: [] for month in _months(run, stage)}
    for period, code in used.values_list("submission__period", "submission__provider__code"):
        found[f"{period:%Y-%m}"].append(code)
    return found


def expected(run: Run, stage: str) -> dict[str, list[str]]:
    """By month of a stage's period the providers that its figures should come from: those that
    could send before its window closed, and whoever is in `coverage`."""
    kind = Kind.REFRESH if stage == QUARTER else stage
    found = {month: set(codes) for month, codes in coverage(run, stage).items()}
    for row in tracking.rows([date.fromisoformat(f"{month}-01") for month in found]):
        for month, codes in found.items():
            if row.of(date.fromisoformat(f"{month}-01"), kind).was_here:
                codes.add(row.provider.code)
    return {month: sorted(codes) for month, codes in found.items()}


def _months(run: Run, stage: str) -> Iterator[str]:
    month = first_day(run, stage)
    while month <= run.window.period(stage):
        yield f"{month:%Y-%m}"
        month = month_after(month)


def _counted() -> tuple[Counter[Place], Counter[Place]]:
    """Of every breakdown, category and figure: how many pathways, and of how many providers."""
    counted: Counter[Place] = Counter()
    providers: Counter[Place] = Counter()
    by_category = [one for one in breakdowns() if one not in {NATIONAL, PROVIDER}]
    with connection.cursor() as cursor:
        cursor.execute(_statement(by_category))
        for provider, *told in cursor:
            categories, numbers = told[: len(by_category)], told[len(by_category) :]
            places = [
                (by, of) for by, of in zip(by_category, categories, strict=True) if of is not None
            ] or [(NATIONAL, ""), (PROVIDER, provider)]
            for by, of in places:
                for figure, number in zip(figures(), numbers, strict=True):
                    counted[by, of, figure.name] += number
                    providers[by, of, figure.name] += number > 0
    return counted, providers


def _statement(by_category: list[str]) -> str:
    """One scan for all breakdowns: a row for each provider, and for each provider and category of
    each breakdown; the categories of the other breakdowns are NULL in it."""
    categories = [f"{breakdowns()[name].expression} AS {name}" for name in by_category]
    flags = [f"{figure.sql} AS {figure.name}" for figure in figures()]
    numbers = [f"count(*) FILTER (WHERE {figure.name})" for figure in figures()]
    sets = ["(provider)", *(f"(provider, {name})" for name in by_category)]
    return f"""
        WITH earlier AS (
            SELECT DISTINCT key FROM d_instance JOIN d_known known USING (submission_id)
            WHERE known.place = 'before'),
        pathway AS (
            SELECT d.provider, {", ".join(categories + flags)}
            FROM d_derived d JOIN d_referral c USING (key) LEFT JOIN earlier USING (key)
            CROSS JOIN d_run run
            WHERE d.ic_use_pathway_flag = 'Y')
        SELECT provider, {", ".join(by_category + numbers)}
        FROM pathway GROUP BY GROUPING SETS ({", ".join(sets)})"""
