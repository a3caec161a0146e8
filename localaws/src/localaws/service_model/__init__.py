"""Check requests against the service model of botocore, and refuse them in AWS's words."""
