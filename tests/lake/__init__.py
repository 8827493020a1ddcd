"""Tests of SQL over tables files."""
