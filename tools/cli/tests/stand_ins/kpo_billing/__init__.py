"""Stands in for the service of the same name."""
