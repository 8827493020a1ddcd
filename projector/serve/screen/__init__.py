"""Answers for people: cards, tables and sentences in words a registrar uses."""
