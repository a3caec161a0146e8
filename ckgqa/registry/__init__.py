"""The registry of models: pipelines register them, people approve or reject them. Standard library only.

registry = LocalRegistry(Path("models"))
registry.register("question-model", model, report)      # question-model/1, pending
registry.decide("question-model/1", "approved", by="li", comment="better on two hops")
registry.approved("question-model").model_folder        # what is served
"""
