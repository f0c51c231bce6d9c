"""Raw files that no receipt names are removed; those of receipts stay."""

from datetime import timedelta

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from accounts.models import User
from submissions import raw_files
from submissions.models import Window
from tests.submissions.rows import Rows
from tests.submissions.sending import send


def test_only_the_file_without_a_receipt_is_removed(
    alice: User, window: Window, rows: Rows
) -> None:
    kept = send(alice, window, rows)
    orphan = default_storage.save(f"{raw_files.FOLDER}/orphan.age", ContentFile(b"x"))

    assert raw_files.remove_without_receipt(timedelta(hours=1)) == 0
    assert raw_files.remove_without_receipt(timedelta(seconds=-60)) == 1

    assert default_storage.exists(kept.stored_as)
    assert not default_storage.exists(orphan)
