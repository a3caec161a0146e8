"""Labelled questions, gold answers, a baseline, metrics and their report."""
