"""Which models may be served: registered by a pipeline, approved or rejected by a person. Standard library only.

registry = FolderRegistry(Path("models"))
registry.register("question-model", model, report)      # question-model/1, pending
registry.decide("question-model/1", "approved", by="li", comment="better on two hops")
registry.approved("question-model").model_folder        # what is served
"""
