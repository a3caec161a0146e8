"""Archives of labelled questions: reading and splitting."""
