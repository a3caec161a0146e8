"""The reply: its wording in Chinese, its facts, its path and its context."""
