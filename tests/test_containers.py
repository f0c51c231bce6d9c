"""The containers: what docker-compose.yml promises, and the words that run in them."""

import hmac
import re
import subprocess
import sys
from base64 import b64decode
from hashlib import pbkdf2_hmac, sha256
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.db import connection
from pytest_django import Settings

from iapt_portal import container, roles
from iapt_portal.local_keys import WORKERS_ALONE
from iapt_portal.programs import PROGRAMS
from tests.test_house import ROOT, read_by_settings

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: one for name, one in SERVICES.items() if one["image"] == "iapt-portal"}
MORE = {
    path.name: yaml.safe_load(path.read_text())
    for path in Path(ROOT / "tools/containers").glob("*.yml")
}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_may_as_little_as_possible(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert int(service["user"].split(":")[0]) > 0
    assert name == "prepare" or service["healthcheck"]["test"]
    assert "ports" not in service or name == "proxy", "only the proxy is reached from outside"
    assert "container_name" not in service, "each may be scaled"


def test_there_is_a_container_for_each_program() -> None:
    said = {name: one["command"] for name, one in OURS.items()}
    assert said == {**{name: [name] for name in PROGRAMS}, "prepare": ["prepare"]}
    for name, program in PROGRAMS.items():
        assert OURS[name]["environment"]["PORTAL_PROCESS"] == program.process


def variables(service: dict[str, Any]) -> set[str]:
    return set(service.get("environment", {}))


@pytest.mark.parametrize("name", OURS)
def test_its_variables_are_those_of_the_settings(name: str) -> None:
    given = variables(OURS[name])
    assert {variable.removesuffix("_FILE") for variable in given} <= read_by_settings()
    # A secret is a file, and one that the container is shown.
    files = {v.removesuffix("_FILE") for v in given if v.endswith("_FILE")}
    assert files == set(OURS[name]["secrets"])
    assert not given & set(container.secret_files())


def networks(name: str) -> set[str]:
    """Those of a service, with all files together."""
    more = [one["services"].get(name, {}).get("networks", []) for one in MORE.values()]
    return {*SERVICES[name]["networks"], *(network for some in more for network in some)}


def test_who_opens_raw_files_reaches_nothing_outside() -> None:
    holders = {name for name in OURS if set(OURS[name]["secrets"]) & set(WORKERS_ALONE)}
    assert holders == {"worker", "prepare"}
    for name in holders:
        assert networks(name) <= {"inside", "store"}
    assert COMPOSE["networks"]["inside"] == COMPOSE["networks"]["front"] == {"internal": True}


def test_only_what_uses_the_database_is_in_its_network() -> None:
    assert {name for name in SERVICES if "inside" not in networks(name)} == {"proxy"}
    assert {name for name in SERVICES if "outside" in networks(name)} == {"proxy", "periodic"}


def test_a_login_is_shown_to_its_own_program_only() -> None:
    logins = {"DATABASE_URL", "DATABASE_URL_WEB", "DATABASE_URL_WORKER", "DATABASE_PASSWORD"}
    shown = {name: set(one["secrets"]) & logins for name, one in OURS.items() if name != "prepare"}
    own = {name: {f"DATABASE_URL_{program.process.upper()}"} for name, program in PROGRAMS.items()}
    assert shown == own


def test_every_secret_is_made() -> None:
    assert set(COMPOSE["secrets"]) == set(container.secret_files())


def test_every_choice_of_the_compose_files_is_in_the_example() -> None:
    text = "".join(
        p.read_text()
        for p in [ROOT / "docker-compose.yml", *(ROOT / "tools/containers").glob("*.yml")]
    )
    asked = set(re.findall(r"\$\{([A-Z0-9_]+)", text))
    listed = set(re.findall(r"^([A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    # Which files there are is asked by compose itself.
    assert asked == listed - {"COMPOSE_FILE"}


def test_with_a_store_elsewhere_everyone_who_has_files_knows_it() -> None:
    with_files = {
        name for name, one in OURS.items() if "files:/data/files" in one.get("volumes", [])
    }
    assert set(MORE["s3.yml"]["services"]) == with_files
    for service in MORE["s3.yml"]["services"].values():
        assert {v.removesuffix("_FILE") for v in variables(service)} <= read_by_settings()


def test_secrets_are_made_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert container.main(["secrets", str(tmp_path)]) == 0
    first = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert set(first) == set(container.secret_files())
    assert container.main(["secrets", str(tmp_path)]) == 1
    assert "Nothing was made" in capsys.readouterr().err
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == first


def test_manage_is_reached_through_the_container() -> None:
    words = [sys.executable, "-m", "iapt_portal.container", "check"]
    told = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    assert "no issues" in told.stdout


def test_the_image_is_made_from_the_lock_and_uv_of_the_portal() -> None:
    text = (ROOT / "Dockerfile").read_text()
    assert "--frozen" in text
    (asks_for_uv,) = re.findall(r"\$\((sed -n '[^']+' portal)\)", text)
    told = subprocess.run(
        asks_for_uv, cwd=ROOT, shell=True, capture_output=True, text=True, check=True
    )
    assert re.fullmatch(r"\d+\.\d+\.\d+", told.stdout.strip())
    assert text.rstrip().splitlines()[-4:-2] == ["USER portal", "EXPOSE 8000"]


def opens(verifier: str, password: str) -> bool:
    """Whether PostgreSQL would let this password in (RFC 5803)."""
    method, rounds, salt, keys = re.split(r"[$:]", verifier, maxsplit=3)
    assert method == "SCRAM-SHA-256"
    salted = pbkdf2_hmac("sha256", password.encode(), b64decode(salt), int(rounds))
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    return b64decode(keys.split(":")[0]) == sha256(client_key).digest()


def test_a_role_with_a_login_of_its_own_is_let_in(db: None, settings: Settings) -> None:
    """By the password that its address means; one without an address stays shut."""
    settings.OWN_LOGINS = {"web": "postgresql://iapt_web:secret%2Fword@db/iapt", "worker": ""}
    roles.let_in("default")
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT rolcanlogin, rolpassword FROM pg_authid
               WHERE rolname IN ('iapt_web', 'iapt_worker') ORDER BY rolname"""
        )
        (web, verifier), worker = cursor.fetchall()
    assert web
    assert opens(verifier, "secret/word")
    assert not opens(verifier, "secret%2Fword")
    assert worker == (False, None)
