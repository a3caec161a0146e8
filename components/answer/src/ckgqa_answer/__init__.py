"""Answers Chinese questions from the knowledge graph: `application.Application.ask` is the way in."""
