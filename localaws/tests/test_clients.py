import time

from localaws.clients import Clients
from localaws.configuration import Configuration
from localaws.credentials import Credentials, RoleSession


def test_a_client_of_a_role_renews_its_credentials():
    opened = []

    def open_session() -> Credentials:
        opened.append(Credentials(f"ASIA{len(opened)}", "secret", "token", time.time() + 60))  # soon over
        return opened[-1]

    configuration = Configuration(state="", models="", access_key="AKIA", secret_key="secret")
    clients, session = Clients(configuration), RoleSession("arn:aws:iam::000000000000:role/jobs", open_session)
    client = clients.of_role("sts", "us-east-1", session)
    first, second = (client._request_signer._credentials.get_frozen_credentials() for _ in range(2))
    assert first.access_key != second.access_key
    assert {first.access_key, second.access_key} <= {one.access_key for one in opened}
    assert client.meta.endpoint_url == configuration.address


def test_a_client_of_root_has_the_root_key():
    configuration = Configuration(state="", models="", access_key="AKIA", secret_key="secret")
    client = Clients(configuration).root("s3")
    assert client._request_signer._credentials.access_key == "AKIA"
    assert client.meta.region_name == "us-east-1"
