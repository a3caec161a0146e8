"""The toy's notification: its title and message in a file."""
