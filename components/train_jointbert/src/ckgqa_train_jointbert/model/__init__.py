"""The network: a BERT over the characters with heads for intent and slots, and its configuration."""
