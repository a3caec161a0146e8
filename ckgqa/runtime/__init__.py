"""What every stage stands on: errors and exit codes, settings, logging, files, manifests. Standard library only."""
