"""Raw files and extracts in an S3-compatible store: web and workers share no disk."""

import os
import tempfile
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import boto3
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from moto.server import ThreadedMotoServer
from pytest_django import Settings

from accounts.models import User
from extracts import downloading, publishing
from extracts.models import Extract
from iapt_portal.settings import bucket
from submissions import raw_files
from submissions.lifecycle import Status
from submissions.models import Window
from tests.extracts.reading import close_and_process, tables
from tests.pages import visit
from tests.submissions.rows import Rows
from tests.submissions.sending import checked, content, send

REGION = "eu-west-2"
Stored = Callable[[], dict[str, bytes]]


@pytest.fixture
def stored(settings: Settings) -> Iterator[Stored]:
    """Files go to a bucket on a server of this machine. Gives what tells what lies in it."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    address = "http://{}:{}".format(*server.get_host_and_port())
    client = boto3.client(
        "s3",
        endpoint_url=address,
        region_name=REGION,
        aws_access_key_id="portal",
        aws_secret_access_key="secret",
    )
    # The server remembers over its end.
    name = f"portal-{uuid.uuid4().hex}"
    client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    store = bucket(name, address, REGION, "portal", "secret")
    settings.STORAGES = {**settings.STORAGES, "default": store}

    def lies_in_it() -> dict[str, bytes]:
        names = [o["Key"] for o in client.list_objects_v2(Bucket=name).get("Contents", [])]
        return {n: client.get_object(Bucket=name, Key=n)["Body"].read() for n in names}

    yield lies_in_it
    client.close()
    server.stop()


def test_from_the_file_to_the_download(
    stored: Stored,
    own_folder: Path,
    alice: User,
    erin: User,
    window: Window,
    rows: Rows,
) -> None:
    submission = send(alice, window, content(rows))
    (name,) = stored()
    assert name == submission.stored_as
    assert not list((own_folder / "receiving").iterdir()), "nothing stays where it arrived"

    assert checked(submission).status == Status.ACCEPTED
    publishing.publish(window=close_and_process(window, erin).window, by=erin)
    extract = Extract.objects.seen_by(alice).get(stage="P")
    people = tables(downloading.download(extract=extract, by=alice))["Person"]
    assert {row["LPTID"] for row in people} <= {row["LPTID"] for row in rows["Person"]}
    assert people

    lying = stored()
    assert {name.partition("/")[0] for name in lying} == {"raw", "findings", "extracts"}
    shown = visit(alice).get(f"/submissions/{submission.id}/findings/?records=shown")
    assert b"REF001" in shown.content
    assert not any(b"PAT00" in data or data.startswith(b"PK") for data in lying.values())
    assert not (own_folder / "files").exists(), "nothing lies on this disk"


def test_what_no_receipt_names_is_removed(
    stored: Stored, alice: User, window: Window, rows: Rows
) -> None:
    submission = send(alice, window, content(rows))
    default_storage.save(f"{raw_files.FOLDER}/lost.age", ContentFile(b"nobody knows it"))
    assert raw_files.remove_without_receipt(timedelta(hours=1)) == 0, "it may be in the making"
    assert raw_files.remove_without_receipt(timedelta(0)) == 1
    assert list(stored()) == [submission.stored_as]
    raw_files.erase(submission)
    assert not stored()


def test_a_large_file_is_read_as_it_comes(stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of it is laid down on the way: a container has no disk for it."""
    content = os.urandom(9_000_000)
    default_storage.save("raw/large", ContentFile(content))
    monkeypatch.setattr(tempfile, "SpooledTemporaryFile", None)
    monkeypatch.setattr(tempfile, "TemporaryFile", None)
    with default_storage.open("raw/large", "rb") as file:
        parts = list(iter(lambda: file.read(1_000_000), b""))
    assert len(parts) > 8
    assert b"".join(parts) == content


def test_what_is_not_there_is_said_so(stored: Stored) -> None:
    with pytest.raises(FileNotFoundError):
        default_storage.open("raw/nothing", "rb")


def test_a_name_is_given_once(stored: Stored) -> None:
    first, second = (default_storage.save("raw/one", ContentFile(b"x")) for _ in range(2))
    assert first != second
    assert len(stored()) == 2
