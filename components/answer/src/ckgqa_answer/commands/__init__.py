"""The stage's commands, and the Lambda's handler."""
