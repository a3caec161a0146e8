"""Generators of questions, one module for each family of shapes."""
