"""Answers as text for people: cards, tables and sentences."""
