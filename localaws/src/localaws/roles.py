"""The roles that jobs run as: who may pass one, and whether SageMaker may assume it."""

from localaws.arns import account_of, name_of
from localaws.base import Base, Caller
from localaws.clients import Clients
from localaws.configuration import Configuration
from localaws.credentials import SESSION_S, RoleSession
from localaws.errors import ValidationError

SAGEMAKER = "sagemaker.amazonaws.com"
SESSION_NAME = "SageMaker"


class RoleError(Exception):
    """SageMaker may not assume a role, or it does not exist; each operation words this in its own way."""


class Roles:
    """Opens sessions of roles for jobs."""

    def __init__(self, configuration: Configuration, base: Base, clients: Clients) -> None:
        self._configuration = configuration
        self._base = base
        self._clients = clients

    def check_pass(self, caller: Caller, role_arn: str, resource: str) -> None:
        """Check that a caller may pass a role to SageMaker.

        Raises:
            AwsError: its policies do not allow it.
            ValidationError: the role is in another account.
        """
        if account_of(role_arn) != caller.account:
            raise ValidationError("RoleArn: Cross-account pass role is not allowed.")
        context = {"iam:PassedToService": SAGEMAKER, "iam:AssociatedResourceArn": resource}
        self._base.authorize(caller, "iam:PassRole", role_arn, context)

    def assume(self, role_arn: str, resource: str) -> RoleSession:
        """Return the session of a role for a resource.

        Raises:
            RoleError: the role does not exist, or its trust policy does not name SageMaker.
        """
        if self._configuration.auth:
            account, name = account_of(role_arn), name_of(role_arn)
            iam = self._clients.root("iam")
            try:
                role = iam.get_role(RoleName=name)["Role"]
            except iam.exceptions.NoSuchEntityException:
                raise RoleError(role_arn) from None
            trusted = self._base.trusts(role["AssumeRolePolicyDocument"], SAGEMAKER, account, resource)
            if role["Arn"] != role_arn or not trusted:
                raise RoleError(role_arn)
        return RoleSession(role_arn, lambda: self._base.open_session(role_arn, SESSION_NAME, SESSION_S))
