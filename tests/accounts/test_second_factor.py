"""Second factors: an app or a passkey, and the codes for when neither is at hand."""

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse

from accounts.models import Mail, User
from iapt_portal.demonstration import PASSWORD
from tests.accounts.signing import CODE, CONFIRM, ENROL, code, code_of, is_in, sign_in
from tests.pages import visit

pytestmark = pytest.mark.usefixtures("nothing_counted")

PASSKEYS = "/account/second-factor/passkeys/"
REMOVE_APP = "/account/second-factor/app/remove/"


@pytest.fixture
def new_staff(db: None) -> User:
    """Staff who have no second factor yet."""
    return User.objects.create_user("heidi@portal.example", PASSWORD, is_staff=True)


def passkey(user: User) -> Authenticator:
    """As stored; what a browser does with one is for the journeys."""
    kept = {"name": "Phone", "credential": {}}
    return Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data=kept)


def confirmed(user: User) -> Client:
    """Signed in, and having said once more who they are."""
    client = visit(user)
    client.post(f"{CONFIRM}?next=/help/", {"password": PASSWORD})
    return client


def test_first_one_may_be_either(new_staff: User) -> None:
    client = sign_in(new_staff)
    client.post(f"{CONFIRM}?next={ENROL}", {"password": PASSWORD})
    app, passkeys = client.get(ENROL), client.get(f"{PASSKEYS}new/")
    assert (app.status_code, passkeys.status_code) == (200, 200)
    assert f'href="{PASSKEYS}new/"' in app.content.decode()
    assert f'href="{ENROL}"' in passkeys.content.decode()
    for other in (PASSKEYS, "/account/second-factor/overview/", "/account/second-factor/recovery/"):
        assert client.get(other)["Location"] == ENROL, other


def test_passkey_alone_is_a_second_factor(new_staff: User) -> None:
    waiting = sign_in(new_staff)
    passkey(new_staff)
    assert not is_in(waiting), "a session from before it was set up is over"
    client = sign_in(new_staff)
    assert client.get("/desk/")["Location"].startswith("/account/sign-in/")
    assert not is_in(client)


def test_recovery_codes_come_with_the_first_and_work_once(
    transactional_db: None, new_staff: User
) -> None:
    client = sign_in(new_staff)
    client.post(f"{CONFIRM}?next={ENROL}", {"password": PASSWORD})
    secret = client.get(ENROL).context["form"].secret
    shown = client.post(ENROL, {"code": code_of(secret)}, follow=True)
    assert shown.request["PATH_INFO"] == "/account/second-factor/recovery/"
    codes = shown.context["unused_codes"]
    assert len(codes) == 10
    for tried, opens in ((codes[3], True), (codes[3], False), (codes[4], True)):
        other = sign_in(new_staff)
        other.post(CODE, {"code": tried})
        assert is_in(other) is opens
    letter = Mail.objects.get(to=new_staff)
    assert letter.subject == "IAPT portal: Authenticator app turned on"
    assert secret not in letter.body


def test_forged_passkey(erin: User) -> None:
    nonsense = ["", "{}", "[]", "null", "7", '"x"', '{"id": "x"}', "not JSON", '{"response": {}}']
    nonsense.append(
        '{"id": "eA", "rawId": "eA", "type": "public-key", "clientExtensionResults": {}, "response":'
        '{"clientDataJSON": "e30", "authenticatorData": "eA", "signature": "eA"}}'
    )
    in_hand, signed_in = sign_in(erin), confirmed(erin)
    for sent in nonsense:
        form = {"credential": sent, "name": "mine"}
        assert in_hand.post(CODE, form).status_code == 200, sent
        assert not is_in(in_hand)
        assert signed_in.post(f"{PASSKEYS}new/", form).status_code == 200, sent
        assert signed_in.post(f"{PASSKEYS}confirm/", form).status_code == 302, sent
    assert not erin.authenticator_set.filter(type=Authenticator.Type.WEBAUTHN).exists()


def test_last_one_stays(erin: User) -> None:
    client = confirmed(erin)
    assert "set up another first" in client.post(REMOVE_APP).content.decode()
    other = passkey(erin)
    client.post(REMOVE_APP)
    assert list(erin.authenticator_set.all()) == [other]
    answer = client.post(reverse("mfa_remove_webauthn", args=[other.pk]), follow=True)
    assert "set up another first" in answer.content.decode()
    assert list(erin.authenticator_set.all()) == [other]


def test_who_needs_none_may_remove_theirs(alice: User) -> None:
    mine, another = passkey(alice), passkey(alice)
    client = confirmed(alice)
    for each in (mine, another):
        client.post(reverse("mfa_remove_webauthn", args=[each.pk]))
    assert not alice.authenticator_set.exists()


def test_passkeys_of_others_are_not_there(alice: User, erin: User) -> None:
    theirs = passkey(erin)
    client = confirmed(alice)
    for name in ("mfa_edit_webauthn", "mfa_remove_webauthn"):
        for pk in (theirs.pk, 999_999):
            address = reverse(name, args=[pk])
            assert client.get(address).status_code == 404
            assert client.post(address, {"name": "mine"}).status_code == 404
    assert erin.authenticator_set.filter(pk=theirs.pk).exists()


def test_passkeys_belong_to_the_site_and_not_to_what_a_request_called_it(erin: User) -> None:
    assert get_adapter().get_public_key_credential_rp_entity() == {
        "id": "localhost",
        "name": "IAPT submission portal",
    }
    assert get_adapter().generate_authenticator_name(erin, "webauthn") == "Passkey 1"


def test_new_password_leaves_the_second_factor(erin: User) -> None:
    erin.set_password("correct horse battery")
    erin.save()
    client = sign_in(erin, "correct horse battery")
    assert not is_in(client)
    client.post(CODE, {"code": code(erin)})
    assert is_in(client)
