"""Files in an S3-compatible store, where web and workers share no disk."""

from pathlib import Path
from typing import Any

from django.core.files import File
from storages.backends.s3 import S3Storage


class BucketStorage(S3Storage):
    """The store; a file that was received on this machine is read from where it lies."""

    def _save(self, name: str, content: Any) -> str:
        if not hasattr(content, "temporary_file_path"):
            return str(super()._save(name, content))
        with Path(content.temporary_file_path()).open("rb") as file:
            return str(super()._save(name, File(file)))
