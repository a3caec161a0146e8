"""The state of a conversation, which the client carries, signed."""
