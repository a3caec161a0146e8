"""The parts of an ARN: `arn:PARTITION:SERVICE:REGION:ACCOUNT:KIND/NAME`."""


def region_of(arn: str) -> str:
    """Return the region."""
    return arn.split(":")[3]


def account_of(arn: str) -> str:
    """Return the account's number."""
    return arn.split(":")[4]


def name_of(arn: str) -> str:
    """Return what follows the last `/`."""
    return arn.rpartition("/")[2]
