"""What a provider starts from: empty databases and CSV templates, in each version it may send."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from accounts.models import User
from validation import dataset
from validation.writing import offered, write_archive

STANDARD, PILOT = dataset.VERSIONS
FORMS = {
    "accdb": "Microsoft Access database, for Access 2007 and newer",
    "mdb": "Microsoft Access database, for Access 2002 and 2003 too",
    "csv": "CSV templates in a zip, for spreadsheets and other programs",
}


@dataclass(frozen=True)
class Empty:
    """One file to fill in."""

    version: str
    form: str

    @property
    def file_name(self) -> str:
        return f"IAPT_v{self.version}_empty.{'zip' if self.form == 'csv' else self.form}"

    @property
    def words(self) -> str:
        return FORMS[self.form]

    def content(self) -> bytes:
        """The same bytes every time."""
        if self.form != "csv":
            return offered(self.version, self.form)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / self.file_name
            write_archive(path, self.version, {})
            return path.read_bytes()


def is_pilot(user: User) -> bool:
    """Whether the user sends for a pilot site; staff see what pilot sites see."""
    return user.is_staff or user.providers.filter(pilot_site=True).exists()


def offered_to(user: User) -> dict[str, list[Empty]]:
    """By version, what a user is offered."""
    versions = [STANDARD, PILOT] if is_pilot(user) else [STANDARD]
    return {version: [Empty(version, form) for form in FORMS] for version in versions}


def one_for(user: User, version: str, form: str) -> Empty | None:
    """One of them; None for what the user is not offered."""
    found = (one for one in offered_to(user).get(version, []) if one.form == form)
    return next(found, None)
