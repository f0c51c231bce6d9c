"""A warning that is true is explained, and a better file is held against the one before it."""

from tests.journeys.files import mixed


def test_explained_once_and_shown_in_the_next_file(people, make):
    """Given a file with warnings, when Bob, whose browser runs no scripts, says why one is true,
    then Alice's next file shows it as explained and what she mended as fixed; staff see how many
    are explained, another provider sees nothing; and Alice takes it back."""
    alice = people.signed_in("Alice")
    rows = mixed(make.rows())
    first = alice.sends("Primary", make.zip("first.zip", rows))
    alice.waits_for_the_result(first)

    bob = people.signed_in("Bob", java_script_enabled=False)
    bob.goes_to(f"/submissions/{first.id}/")
    bob.opens("Warnings that are true")
    bob.follows("Provisional diagnosis is not a valid ICD-10 code.")
    bob.sees("1 time, 0 explained.")
    assert "SP7" not in bob.text
    bob.follows("Show which records these are")
    bob.sees("SP7", "depressed")
    bob.follows("explain")
    bob.page.get_by_label("Why is it true?").fill("SP7: the doctor wrote no more")
    bob.presses("Explain it")
    bob.sees("1 time, 1 explained.")

    rows["Person"][5]["Gender"] = "1"
    second = alice.sends("Primary", make.zip("second.zip", rows))
    alice.waits_for_the_result(second)
    alice.sees("1 fixed,", "0 new", "Rows that stand, beside other files")
    warnings = f"/submissions/{second.id}/warnings/R12/"
    charlie, erin = people.signed_in("Charlie"), people.signed_in("Erin")
    assert charlie.goes_to(warnings) == 404
    assert erin.goes_to(warnings) == 404
    erin.goes_to(f"/submissions/{second.id}/")
    erin.opens("Warnings that are true")
    row = erin.main.get_by_role("row", name="R12 Provisional diagnosis").last
    assert row.inner_text().split()[-2:] == ["1", "1"]

    alice.goes_to(warnings)
    alice.follows("look")
    assert "the doctor" not in alice.text
    alice.follows("Show which record this is and what was said of it")
    alice.sees("SP7: the doctor wrote no more", "by Bob Barker")
    alice.presses("Take it back")
    alice.sees("What was said of this warning is taken back.", "Explain a warning")
