"""From a pipeline's definition to KFP's intermediate representation (IR), checked."""
