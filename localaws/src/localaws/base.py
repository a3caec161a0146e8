"""The base under localaws: MiniStack. No other module imports it, so that another base could take its place.

MiniStack has no interface for additions; what is reached here is private and pinned by `VERSION`. The function
`check_private_points` compares every point with what this module expects, and the server does not start if one moved.
"""

import importlib
import inspect
import json
import logging
import os
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from localaws.arns import account_of, name_of
from localaws.configuration import Configuration
from localaws.credentials import Credentials
from localaws.errors import AwsError, LocalawsError

logger = logging.getLogger(__name__)

VERSION = "1.5.33"
Response = tuple[int, dict[str, str], bytes]
Handler = Callable[[str, str, dict[str, str], bytes, dict[str, list[str]]], Awaitable[Response]]
"""Serves one request: method, path, headers (lower case), body, query parameters -> status, headers, body."""

PRIVATE_POINTS: Mapping[str, tuple[str, ...] | type] = {
    "ministack.app:app": ("scope", "receive", "send"),
    "ministack.app:SERVICE_HANDLERS": dict,
    "ministack.app:SERVICE_REGISTRY": dict,
    "ministack.app:_build_persistence_save_dict": (),
    "ministack.core.persistence:save_all": ("services",),
    "ministack.core.responses:get_account_id": (),
    "ministack.core.responses:get_region": (),
    "ministack.core.responses:set_request_account_id": ("access_key_id",),
    "ministack.core.responses:set_request_region": ("region",),
    "ministack.core.router:SERVICE_PATTERNS": dict,
    "ministack.core.router:extract_access_key_id": ("headers", "query_params"),
    "ministack.core.iam_evaluator:enforce": (
        "access_key_id",
        "iam_action",
        "service",
        "region",
        "resource_arn",
        "service_context",
    ),
    "ministack.core.iam_evaluator:evaluate_trust_policy": ("trust_doc", "caller_arn", "ctx"),
    "ministack.core.iam_evaluator:EvalContext": (
        "principal_arn",
        "principal_type",
        "principal_account",
        "action",
        "resource_arn",
        "region",
        "source_ip",
        "secure_transport",
        "request_tags",
        "tag_keys",
        "service_context",
        "principal_keys",
    ),
    "ministack.core.iam_evaluator:resolve_caller_identity": ("access_key_id",),
    "ministack.core.iam_evaluator:_is_root_key": ("access_key_id",),
    "ministack.core.iam_evaluator:is_root_access_key": ("access_key_id",),
    "ministack.services.sts:is_root_access_key": ("access_key_id",),
    "ministack.services.sts:register_session": ("access_key", "session"),
    "ministack.services.eventbridge:_put_events": ("data", "allow_aws_source"),
    "ministack.services.eventbridge:_invoke_target": ("target", "event", "rule", "view"),
    "ministack.services.eventbridge:_parse_rate_seconds": ("expr",),
}
"""`module:attribute` -> the names of its parameters, or its type."""


@dataclass(frozen=True)
class Caller:
    """Who sent a request, and for which account and region."""

    access_key: str
    arn: str
    account: str
    region: str


def check_private_points() -> None:
    """Compare the installed MiniStack with what this module expects of it.

    Raises:
        LocalawsError: it is another version, or a private point has moved; the message names all of them.
    """
    installed = metadata.version("ministack")
    moved = [point for point, expected in PRIVATE_POINTS.items() if not _stands(point, expected)]
    if installed != VERSION or moved:
        points = f", and these points have moved: {', '.join(moved)}" if moved else ""
        raise LocalawsError(f"MiniStack {installed} is installed, localaws needs {VERSION}{points}")


def _stands(point: str, expected: tuple[str, ...] | type) -> bool:
    module, _, name = point.partition(":")
    try:
        value = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError):
        return False
    if isinstance(expected, type):
        return isinstance(value, expected)
    return tuple(inspect.signature(value).parameters) == expected


def load_base(configuration: Configuration) -> "Base":
    """Import MiniStack with the settings of this localaws; a process can do so once.

    Raises:
        LocalawsError: a private point has moved.
    """
    state = Path(configuration.state)
    os.environ.update(
        {
            "AUTH": "true" if configuration.auth else "false",
            "AWS_ACCESS_KEY_ID": configuration.access_key,
            "AWS_SECRET_ACCESS_KEY": configuration.secret_key,
            "MINISTACK_ACCOUNT_ID": configuration.account,
            "MINISTACK_REGION": configuration.region,
            "GATEWAY_PORT": str(configuration.port),
            "PERSIST_STATE": "1",
            "STATE_DIR": str(state / "ministack"),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(state / "s3"),
            "LAMBDA_EXECUTOR": "local",
            # It would listen on all interfaces for these.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            # It would remove containers of other MiniStacks at its start. Localaws has its own client of the engine.
            "DOCKER_HOST": "unix:///nonexistent",
        }
    )
    os.environ.pop("AWS_SESSION_TOKEN", None)
    check_private_points()
    return Base(configuration)


class Base:
    """The running MiniStack: its services, its identities, its events and its state."""

    def __init__(self, configuration: Configuration) -> None:
        self._app: Any = importlib.import_module("ministack.app")
        self._evaluator: Any = importlib.import_module("ministack.core.iam_evaluator")
        self._responses: Any = importlib.import_module("ministack.core.responses")
        self._router: Any = importlib.import_module("ministack.core.router")
        self._events: Any = importlib.import_module("ministack.services.eventbridge")
        self._sts: Any = importlib.import_module("ministack.services.sts")
        self._persistence: Any = importlib.import_module("ministack.core.persistence")
        self._configuration = configuration
        self.asgi: Any = self._app.app
        self._divide_schedules()
        if configuration.auth:
            self._check_root_key()

    def add_service(self, name: str, handler: Handler, target: str = "") -> None:
        """Serve the requests signed for a service by a handler.

        Args:
            name: the service in signatures.
            handler: serves its requests.
            target: start of its `X-Amz-Target`, by which a request without a signature is known.
        """
        self._app.SERVICE_REGISTRY.setdefault(name, {"module": name})
        if target:
            self._router.SERVICE_PATTERNS[name] = {"target_prefixes": [f"{target}."]}
        self._app.SERVICE_HANDLERS[name] = handler

    def service(self, name: str) -> Handler:
        """Return the handler that serves a service now."""
        handler: Handler = self._app.SERVICE_HANDLERS[name]
        return handler

    def caller(self, headers: Mapping[str, str], query: Mapping[str, list[str]]) -> Caller:
        """Return who sent the request that is being served; its signature has been checked."""
        key = self._router.extract_access_key_id(headers, query) or ""
        identity = self._evaluator.resolve_caller_identity(key) or {}
        account = self._responses.get_account_id()
        arn = identity.get("userArn") or f"arn:aws:iam::{account}:root"  # without authentication anybody is root
        return Caller(key, arn, account, self._responses.get_region())

    def authorize(self, caller: Caller, action: str, resource: str, context: Mapping[str, object]) -> None:
        """Check that the policies of a caller allow an action on a resource.

        Args:
            caller: the caller of the request that is being served.
            action: such as `sagemaker:CreateTrainingJob`.
            resource: the ARN of the resource, or `*`.
            context: condition key -> value or list of values.

        Raises:
            AwsError: they do not.
        """
        if not self._configuration.auth:
            return
        service = action.partition(":")[0]
        self._scope(caller.account, caller.region)
        denied = self._evaluator.enforce(
            caller.access_key, action, service, caller.region, resource_arn=resource, service_context=dict(context)
        )
        if denied is None:
            return
        if isinstance(denied, self._evaluator.AuthError):
            raise AwsError(denied.code, denied.message)
        explicit = denied.decision == "Deny"
        reason = (
            "with an explicit deny in an identity-based policy"
            if explicit
            else f"because no identity-based policy allows the {action} action"
        )
        raise AwsError(
            "AccessDeniedException",
            f"User: {denied.principal_arn} is not authorized to perform: {action} on resource: {resource} {reason}",
        )

    def trusts(self, trust_policy: Mapping[str, Any], service: str, account: str, source: str) -> bool:
        """Return whether a role lets a service assume it for a resource.

        Args:
            trust_policy: the role's `AssumeRolePolicyDocument`.
            service: such as `sagemaker.amazonaws.com`.
            account: the account of the resource.
            source: the ARN of the resource.
        """
        statements = trust_policy.get("Statement", [])
        statements = [statements] if isinstance(statements, dict) else statements
        # MiniStack knows no service as a principal: keep the statements that name the service, for anybody.
        named = [{**one, "Principal": "*"} for one in statements if _names_service(one.get("Principal"), service)]
        context = self._evaluator.EvalContext(
            principal_arn=service,
            principal_type="Service",
            principal_account=account,
            action="sts:AssumeRole",
            resource_arn="*",
            region=self._configuration.region,
            service_context={"aws:sourceaccount": account, "aws:sourcearn": source},
        )
        return bool(self._evaluator.evaluate_trust_policy({"Statement": named}, service, context))

    def open_session(self, role_arn: str, session_name: str, duration_s: float) -> Credentials:
        """Return temporary credentials of a role, as a service gets them that may assume it."""
        account, name = account_of(role_arn), name_of(role_arn)
        credentials = Credentials(
            access_key="ASIA" + secrets.token_hex(8).upper(),
            secret_key=secrets.token_urlsafe(30),
            token=secrets.token_urlsafe(120),
            expires_at=time.time() + duration_s,
        )
        self._sts.register_session(
            credentials.access_key,
            {
                "Arn": f"arn:aws:sts::{account}:assumed-role/{name}/{session_name}",
                "UserId": f"AROA{secrets.token_hex(8).upper()}:{session_name}",
                "SecretAccessKey": credentials.secret_key,
                "SessionToken": credentials.token,
                "Expiration": credentials.expires_at,
                "AccountId": account,
                "PrincipalType": "AssumedRole",
                "SourceAccessKeyId": "",
                "SourcePrincipalArn": "sagemaker.amazonaws.com",
                "SessionTags": [],
                "SessionPolicies": None,
            },
        )
        return credentials

    def put_event(self, account: str, region: str, event: Mapping[str, object]) -> None:
        """Publish an event of a service on the default bus.

        Args:
            account: the account of its resource.
            region: the region of its resource.
            event: `Source`, `DetailType`, `Detail` (not yet JSON) and `Resources`.
        """
        self._scope(account, region)
        entry = {**event, "Detail": json.dumps(event["Detail"])}
        self._events._put_events({"Entries": [entry]}, allow_aws_source=True)  # noqa: SLF001 -- see PRIVATE_POINTS

    def _scope(self, account: str, region: str) -> None:
        """Set the account and region of what this thread does next."""
        self._responses.set_request_account_id(account)
        self._responses.set_request_region(region)

    def save(self) -> None:
        """Write the state of all services, so that a kill loses at most what changed since."""
        self._persistence.save_all(self._app._build_persistence_save_dict())  # noqa: SLF001 -- see PRIVATE_POINTS

    def _check_root_key(self) -> None:
        """Let one key alone be the root user's, and have its signature checked as any other.

        MiniStack takes `test`, every account number and no key at all for root keys, and checks no signature of theirs:
        every container of a job could be root.
        """
        root = self._configuration.access_key
        for module in (self._evaluator, self._sts):
            module.is_root_access_key = lambda access_key_id: access_key_id == root
        # The requests for which this is true are not checked.
        self._evaluator._is_root_key = lambda _: False  # noqa: SLF001 -- see PRIVATE_POINTS

    def _divide_schedules(self) -> None:
        """Let rules that fire at a rate do so more often, by the divisor of all periods."""
        parse_rate = self._events._parse_rate_seconds  # noqa: SLF001 -- see PRIVATE_POINTS

        def divided(expression: str) -> float | None:
            seconds = parse_rate(expression)
            return None if seconds is None else self._configuration.period_s(seconds)

        self._events._parse_rate_seconds = divided  # noqa: SLF001 -- see PRIVATE_POINTS


def _names_service(principal: object, service: str) -> bool:
    if not isinstance(principal, dict):
        return principal == "*"
    services = principal.get("Service", [])
    return service in ([services] if isinstance(services, str) else services)
