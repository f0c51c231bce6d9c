"""A new organisation: from nothing to its first accepted file, by pages and letters alone."""

import re
from email import message_from_string

from tests.journeys.people import Person

CODE, NAME = "NZ901", "DAMSON COUNSELLING LIMITED"


def link_in(letter: str) -> str:
    """The path of the link that proves who follows it."""
    body = message_from_string(letter.strip()).get_payload(decode=True)
    assert isinstance(body, bytes)
    found = re.search(rb"/(?:approval|invitation)/[\w-]+/", body)
    assert found, body
    return found[0].decode()


def confirms_if_asked(person: Person) -> None:
    """What weighs most asks once more who one is."""
    if person.page.url.startswith(f"{person.portal.address}/account/confirm/"):
        person.confirms()


def test_a_new_organisation_comes_to_its_first_accepted_file(people, make, letters):
    """Given an organisation that ODS knows and the portal does not, its guardian registers, staff
    confirm, Henry applies, the guardian approves by letter, others of staff grant, Henry accepts by letter,
    chooses a password, and sends a file that is accepted."""
    gwen, henry = people.person("Gwen"), people.person("Henry")
    erin, frank = people.signed_in("Erin"), people.signed_in("Frank")
    registers(gwen)
    confirms_the_guardian(erin)
    assert "on the register" in letters("Gwen", CODE).lower()
    progress = applies(henry)
    approves(gwen, letters("Gwen", "decision is needed"))
    grants(frank)
    henry.page.goto(progress)
    henry.sees("Granted")
    accepts(henry, letters("Henry", "Accept the invitation"))

    sent = henry.sends("Primary", make.zip("first.zip", make.rows(provider=CODE)))
    assert henry.waits_for_the_result(sent).startswith("The file is accepted")
    henry.goes_to("/")
    henry.sees("Sent and accepted", sent.reference)
    assert sent.reference in letters("Henry", "Subject: Accepted")


def registers(gwen: Person) -> None:
    """The guardian finds the way from the first page, and registers."""
    gwen.goes_to("/")
    gwen.follows("How to get access")
    gwen.page.get_by_label("Look whether yours is").fill(CODE)
    gwen.presses("Look it up")
    gwen.sees(NAME, "no Caldicott Guardian on the register")
    gwen.follows("Register a Caldicott Guardian")
    gwen.page.get_by_label("Name of the Caldicott Guardian").fill("Dr Gwen Grey")
    gwen.page.get_by_label("Work email address of the guardian").fill("gwen@portal.example")
    gwen.presses("Register the guardian")
    gwen.sees("The guardian is registered", "The helpdesk calls the organisation")


def confirms_the_guardian(erin: Person) -> None:
    erin.goes_to("/desk/")
    erin.follows("Applications")
    erin.follows("Dr Gwen Grey")
    erin.page.get_by_label("How did you make sure").fill("Called the switchboard")
    erin.presses("Confirm the guardian")
    confirms_if_asked(erin)
    erin.sees("On the register")


def applies(henry: Person) -> str:
    """Returns the address at which he sees how far it is."""
    henry.goes_to(f"/access/?organisation={CODE.lower()}")
    henry.sees("its Caldicott Guardian is on the register")
    henry.follows("Apply for a data user certificate")
    henry.page.get_by_label("Your name").fill("Henry Hill")
    henry.page.get_by_label("Your work email address").fill("henry@portal.example")
    henry.page.get_by_label("Why do these people need access?").fill("To send the monthly return")
    first = henry.main.get_by_role("group", name="Person 1")
    first.get_by_label("Name", exact=True).fill("Henry Hill")
    first.get_by_label("Work email address").fill("henry@portal.example")
    henry.presses("Send it to the guardian")
    henry.sees("is on its way to the guardian", "What happens next")
    return henry.page.url


def approves(gwen: Person, letter: str) -> None:
    gwen.goes_to(link_in(letter))
    gwen.sees("Henry Hill, henry@portal.example", "To send the monthly return")
    gwen.page.get_by_label("I approve").check()
    gwen.presses("Send my decision")
    gwen.sees("You approved certificate")


def grants(frank: Person) -> None:
    """Another than who confirmed the guardian."""
    frank.goes_to("/desk/applications/")
    frank.main.get_by_role("table", name="Approved by their guardians").get_by_role("link").click()
    frank.presses("Grant the certificate")
    confirms_if_asked(frank)
    frank.sees("Granted")


def accepts(henry: Person, letter: str) -> None:
    henry.goes_to(link_in(letter))
    henry.page.get_by_label("Password", exact=True).fill("eleven green bottles")
    henry.page.get_by_label("The same password again").fill("eleven green bottles")
    henry.presses("Open my account")
    henry.sees("What is my position", NAME)
