"""Files in an S3-compatible store, where web and workers share no disk."""

from pathlib import Path
from typing import Any

from botocore.config import Config
from django.core.files import File
from storages.backends.s3 import S3Storage

# Checksums of its own are asked for by the newest stores only; older ones refuse them.
WHEN_REQUIRED = {
    "request_checksum_calculation": "when_required",
    "response_checksum_validation": "when_required",
}


class BucketStorage(S3Storage):
    """The store. What is read comes as a stream: nothing of it lies on this machine's disk."""

    def get_default_settings(self) -> dict[str, Any]:
        return super().get_default_settings() | {"client_config": Config(**WHEN_REQUIRED)}

    def _open(self, name: str, mode: str = "rb") -> "File[bytes]":
        """To be read from front to end. Raises FileNotFoundError where there is none."""
        stored = self.bucket.Object(name)
        try:
            return File(stored.get()["Body"], name)
        except stored.meta.client.exceptions.NoSuchKey as error:
            raise FileNotFoundError(name) from error

    def _save(self, name: str, content: Any) -> str:
        """A file that was received on this machine is read from where it lies."""
        if not hasattr(content, "temporary_file_path"):
            return str(super()._save(name, content))
        with Path(content.temporary_file_path()).open("rb") as file:
            return str(super()._save(name, File(file)))
