"""Rules on trial: counted beside a verdict that does not change, and shown to staff alone."""

from collections.abc import Iterator

import pytest

from accounts.models import User
from submissions.models import FindingCount, TrialCount, Window
from tests.pages import visit
from tests.submissions.rows import Rows
from tests.submissions.sending import send_and_check
from validation.columns import Mask
from validation.finding import Severity
from validation.rows import Rows as Judged
from validation.rule import RULEBOOK, rule


@pytest.fixture
def on_trial() -> Iterator[str]:
    """X98 would reject every person of gender 1."""

    @rule("X98", "Gender", severity=Severity.REJECT_ROW, shadow=True)
    def invented(person: Judged) -> Mask:
        """Gender is 1.

        Nothing to do.
        """
        return person.Gender.isin("1")

    yield "X98"
    del RULEBOOK["X98"]


def test_counted_apart_and_told_to_nobody(
    on_trial: str, alice: User, erin: User, window: Window, rows: Rows
) -> None:
    rows["Person"][0]["Gender"] = "1"
    sent = send_and_check(alice, window, rows)
    of_gender = sum(row["Gender"] == "1" for row in rows["Person"])
    counted = TrialCount.objects.get(submission=sent)
    assert (counted.rule, counted.table, counted.column) == (on_trial, "Person", "Gender")
    assert counted.count == of_gender
    assert not FindingCount.objects.filter(rule=on_trial).exists()
    assert sum(table.rejected for table in sent.tables.all()) == 0
    for address in (f"/submissions/{sent.id}/", "/rules/", f"/submissions/{sent.id}/findings/"):
        assert on_trial not in visit(alice).get(address).content.decode()
    page = visit(erin).get("/desk/trials/").content.decode()
    assert on_trial in page
    assert f"{window.primary_period:%B %Y}" in page
    assert visit(alice).get("/desk/trials/").status_code == 404


def test_no_rule_is_on_trial(erin: User) -> None:
    assert "No rule is on trial now" in visit(erin).get("/desk/trials/").content.decode()
