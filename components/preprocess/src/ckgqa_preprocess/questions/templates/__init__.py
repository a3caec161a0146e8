"""Question templates: the language of their wordings, the shipped data, and how they become text."""
