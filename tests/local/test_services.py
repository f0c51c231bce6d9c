"""PostgreSQL and Redis come up from nothing, keep what they must, say no more, leave nothing."""

import os
import signal
import stat
import subprocess
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
import redis

from iapt_portal.local import Taken, claimed, services
from iapt_portal.local_processes import left_in, postgres_left_in, redis_left_in, wait_until
from iapt_portal.local_servers import LONGEST_SOCKET_FOLDER, make_socket_folder, socket_folder

A_NUMBER = "9434765919"


def ask(variables: dict[str, str], question: str) -> str:
    with psycopg.connect(variables["DATABASE_URL"]) as database:
        row = database.execute(question.encode()).fetchone()
    return str(row[0]) if row else ""


def queue(variables: dict[str, str]) -> redis.Redis:
    return redis.Redis(unix_socket_path=urlsplit(variables["REDIS_URL"]).path)


def test_a_database_and_a_queue_answer_on_sockets_only(folder: Path) -> None:
    with services(folder) as variables:
        assert ask(variables, "SELECT current_database()") == "iapt"
        assert ask(variables, "SHOW listen_addresses") == ""
        assert ask(variables, "SHOW server_encoding") == "UTF8"
        assert ask(variables, "SHOW data_checksums") == "on"
        assert queue(variables).ping()
        assert queue(variables).config_get("port") == {"port": "0"}


def test_nobody_else_reaches_the_sockets(folder: Path) -> None:
    with services(folder) as variables:
        place = Path(parse_qs(urlsplit(variables["DATABASE_URL"]).query)["host"][0])
        assert stat.S_IMODE(place.stat().st_mode) == 0o700


def test_nothing_runs_afterwards(folder: Path) -> None:
    with services(folder):
        assert postgres_left_in(folder)
        assert redis_left_in(folder)
    assert left_in(folder) == []
    assert not socket_folder(folder).exists()


def test_what_was_committed_is_there_after_everything_is_killed(folder: Path) -> None:
    with services(folder) as variables, psycopg.connect(variables["DATABASE_URL"]) as database:
        database.execute("CREATE TABLE receipt AS SELECT 1 AS number")
        database.commit()
        for pid in postgres_left_in(folder) + redis_left_in(folder):
            os.kill(pid, signal.SIGKILL)
        assert wait_until(lambda: not left_in(folder), 10)
    with services(folder) as variables:
        assert ask(variables, "SELECT number FROM receipt") == "1"


def test_the_number_of_a_killed_run_may_be_somebody_elses_now(folder: Path) -> None:
    with services(folder):
        noted = (folder / "postgres" / "data" / "postmaster.pid").read_text()
        lock = (socket_folder(folder) / ".s.PGSQL.5432.lock").read_text()
    with subprocess.Popen(["sleep", "60"]) as somebody:
        for place, text in (
            (folder / "postgres" / "data" / "postmaster.pid", noted),
            (make_socket_folder(folder) / ".s.PGSQL.5432.lock", lock),
        ):
            rest = text.partition("\n")[2]
            place.write_text(f"{somebody.pid}\n{rest}")
        try:
            with services(folder) as variables:
                assert ask(variables, "SELECT 1") == "1"
            assert somebody.poll() is None
        finally:
            somebody.kill()


def test_only_what_may_be_lost_is_fast(tmp_path: Path) -> None:
    with services(tmp_path / "kept") as variables:
        assert ask(variables, "SHOW fsync") == ask(variables, "SHOW synchronous_commit") == "on"
    with services(tmp_path / "tried", durable=False) as variables:
        assert ask(variables, "SHOW fsync") == ask(variables, "SHOW full_page_writes") == "off"


@pytest.mark.parametrize(
    "wrong",
    [
        f"SELECT '{A_NUMBER} '::date",
        f"SELECT nothing FROM (VALUES ('{A_NUMBER}')) AS person",
        (
            f"CREATE TEMP TABLE twice AS SELECT '{A_NUMBER}' AS n FROM generate_series(1, 2);"
            "CREATE UNIQUE INDEX ON twice (n)"
        ),
    ],
    ids=["in the error", "in the statement", "in the detail"],
)
def test_no_value_reaches_the_log(folder: Path, wrong: str) -> None:
    with services(folder) as variables, psycopg.connect(variables["DATABASE_URL"]) as database:
        with pytest.raises(psycopg.Error):
            database.execute(wrong.encode())
        database.rollback()
        with pytest.raises(psycopg.Error):
            database.execute("SELECT %s::text::date", [A_NUMBER])
    log = (folder / "logs" / "postgres.log").read_text()
    assert "ready to accept connections" in log
    assert A_NUMBER not in log


def test_a_folder_serves_one_command_at_a_time(folder: Path) -> None:
    with claimed(folder, "up"), pytest.raises(Taken, match="up"), services(folder):
        pass


def test_servers_that_are_given_are_used_and_none_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://portal@db.example/iapt")
    monkeypatch.setenv("REDIS_URL", "redis://queue.example/0")
    with services(tmp_path) as variables:
        assert left_in(tmp_path) == []
        assert variables["DATABASE_URL"] == "postgresql://portal@db.example/iapt"
        assert variables["REDIS_URL"] == "redis://queue.example/0"


def test_what_is_set_wins(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SITE_ADDRESS", "https://iapt.example")
    monkeypatch.setenv("SECRET_KEY", "mine")
    with services(folder) as variables:
        assert variables["SITE_ADDRESS"] == "https://iapt.example"
        assert variables["SECRET_KEY"] == "mine"
        assert "SECRET_KEY_FILE" not in variables


def test_a_long_path_has_short_sockets(tmp_path: Path) -> None:
    long = tmp_path / ("long" * 25)
    place = make_socket_folder(long)
    assert len(str(place)) <= LONGEST_SOCKET_FOLDER
    place.rmdir()
