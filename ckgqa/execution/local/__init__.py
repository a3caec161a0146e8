"""Run the tasks of a compiled pipeline on this machine: KFP's orchestrator with our task runner and executors."""
