"""Vocero."""
