"""A file that is wholly here goes to the store and becomes a row's, once."""

import uuid
from collections.abc import Callable
from typing import TypeVar

from django.core.files.storage import default_storage
from django.db import IntegrityError
from django.db.models import Model, QuerySet

from accounts.refusals import Refusal
from submissions.uploading import ReceivedFile

Row = TypeVar("Row", bound=Model)


def store_once(
    file: ReceivedFile, folder: str, mine: QuerySet[Row], make: Callable[[str], Row]
) -> Row:
    """Store the file in the folder of the store and have `make` write the row that names it. `mine`
    finds the row of the same form, if it was sent before: then that is given, and nothing stored.

    Raises Refusal as `make` does, and where the form was somebody else's; nothing is stored then.
    """
    if earlier := mine.first():
        file.discard()
        return earlier
    stored_as = default_storage.save(f"{folder}/{uuid.uuid4().hex}.age", file)
    # A storage on this disk took the file itself, one elsewhere a copy.
    file.discard()
    try:
        return make(stored_as)
    except IntegrityError:
        default_storage.delete(stored_as)
        # The twin of a double click was first.
        twin = mine.all().first()
        if twin is None:
            raise Refusal("This form is used up. Nothing was kept. Open the page again.") from None
        return twin
    except Refusal:
        default_storage.delete(stored_as)
        raise
    # After any other fault we do not know whether the row was committed: the file stays, and the
    # sweeper removes it when no row names it.
