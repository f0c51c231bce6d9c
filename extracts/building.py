"""Building extracts: five CSV files and their descriptions, zipped to the same bytes always."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from extracts import deriving, numbers, specification, writing
from extracts.archive import Archive
from extracts.linking import BEFORE, stamp_text
from extracts.models import Run
from extracts.numbers import Recipient, Wanted
from extracts.specification import columns_for
from validation.rule import RULEBOOK_VERSION

# How many persons the extracts that are put together at once may have: some ten megabytes of zip.
MOST_PERSONS = 50_000


@dataclass(frozen=True)
class Built:
    """A finished extract: the zip's bytes and the rows of each table."""

    content: bytes
    rows: dict[str, int]

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def prepare(
    run: Run, stage: str, recipients: Iterable[Recipient], provider: str | None = None
) -> None:
    """Derive a stage, number its recipients' rows and lay them out; inside a transaction. With
    `provider` of that provider's submissions alone."""
    deriving.derive(run, stage, provider)
    numbers.prepare(recipients)
    writing.lay_out()


def build(several: Sequence[Wanted]) -> Iterator[Built]:
    """The extracts of recipients of one stage that was prepared for them, in their order."""
    for some in together(several):
        archives = {wanted.code: Archive() for wanted in some}
        for piece in writing.pieces(some):
            archives[piece.recipient].add(f"{piece.table}.csv", piece.blocks)
        for wanted in some:
            yield _described(wanted, archives[wanted.code])


def together(several: Sequence[Wanted]) -> Iterator[list[Wanted]]:
    """The extracts in their order, those that are small some at a time."""
    persons = numbers.persons()
    some: list[Wanted] = []
    for wanted in several:
        counted = sum(persons[one.code] for one in [*some, wanted])
        if some and (counted > MOST_PERSONS or some[0].own != wanted.own):
            yield some
            some = []
        some.append(wanted)
    if some:
        yield some


def rebuild(wanted: Wanted) -> Built:
    """The same extract, made again by itself from what its run froze; inside a transaction."""
    code = wanted.code if wanted.own else None
    prepare(wanted.run, wanted.stage, [wanted.recipient], code)
    (built,) = build([wanted])
    return built


def _described(wanted: Wanted, archive: Archive) -> Built:
    """An extract whose tables are written."""
    rows = {name.removesuffix(".csv"): lines - 1 for name, lines in archive.lines.items()}
    archive.add_json("datapackage.json", _data_package(wanted))
    archive.add_json("manifest.json", _manifest(wanted, dict(archive.sha256), rows))
    return Built(archive.content(), rows)


def _data_package(wanted: Wanted) -> dict[str, object]:
    """Frictionless data package metadata: what each file and column is."""
    code, whose = wanted.code, wanted.recipient or "England"
    return {
        "name": f"iapt-{code}-{wanted.period:%Y-%m}-{wanted.stage}".lower(),
        "title": f"IAPT extract for {whose}, {wanted.period:%B %Y}",
        "version": specification.SPECIFICATION_VERSION,
        "resources": [
            {
                "name": table.lower(),
                "path": f"{table}.csv",
                "format": "csv",
                "encoding": "utf-8",
                "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "quoteChar": '"'},
                "schema": {
                    "fields": [
                        {
                            "name": column.name,
                            "type": column.json_type,
                            "title": column.meaning,
                            "description": column.formula,
                        }
                        for column in columns_for(table, own=wanted.own)
                    ],
                    "missingValues": [""],
                },
            }
            for table in specification.TABLES
        ],
    }


def _manifest(wanted: Wanted, sha256: dict[str, str], rows: dict[str, int]) -> dict[str, object]:
    """What is in the zip, what it rests on, and how to make it again."""
    used = wanted.run.frozen.order_by("submission_id")
    if wanted.own:
        used = used.filter(submission__provider=wanted.recipient)
    frozen = used.filter(stage=wanted.stage)
    earlier = used.filter(stage__in=BEFORE[wanted.stage])
    assert wanted.run.stamp is not None
    code = wanted.code
    return {
        "recipient": code,
        "period": f"{wanted.period:%Y-%m}",
        "stage": wanted.stage,
        "when": wanted.run.when,
        "run": wanted.run.id,
        "stamp": stamp_text(wanted.run.stamp),
        "specification": specification.SPECIFICATION_VERSION,
        "rulebook": RULEBOOK_VERSION,
        "earlier_submissions": earlier.count(),
        "submissions": [f"{key:07d}" for key in frozen.values_list("submission_id", flat=True)]
        if wanted.own
        else frozen.count(),
        "rows": rows,
        "sha256": sha256,
        "rebuild": f"./portal manage rebuild {wanted.run.id} {code} {wanted.stage}",
    }
