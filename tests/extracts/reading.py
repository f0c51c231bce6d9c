"""Processing a window, and reading an extract as its recipient does."""

import csv
import io
import json
import zipfile
from typing import Any

from django.core.files.storage import default_storage

from accounts.models import User
from extracts import locking, processing
from extracts.models import Extract, Run
from submissions import calendar
from submissions.models import Window

Table = list[dict[str, str]]


def process(window: Window, by: User, why: str = "") -> Run:
    """Ask for processing, and do it."""
    run = processing.ask(window=window, by=by, why=why)
    processing.process(run.id)
    run.refresh_from_db()
    return run


def close_and_process(window: Window, by: User) -> Run:
    calendar.close(window=window, by=by)
    return process(window, by)


def content(extract: Extract) -> bytes:
    """The zip as it will be downloaded."""
    with default_storage.open(extract.stored_as, "rb") as file:
        return locking.unlock(file.read())


def of(run: Run, recipient: str, stage: str = "P") -> dict[str, Table]:
    """The tables of one extract."""
    return tables(content(run.extracts.of_code(recipient).get(stage=stage)))


def members(zipped: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(zipped)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def tables(zipped: bytes) -> dict[str, Table]:
    return {
        name.removesuffix(".csv"): list(csv.DictReader(io.StringIO(data.decode(), newline="")))
        for name, data in members(zipped).items()
        if name.endswith(".csv")
    }


def manifest(zipped: bytes) -> dict[str, Any]:
    return json.loads(members(zipped)["manifest.json"])


def column(table: Table, name: str) -> list[str]:
    return [row[name] for row in table]
