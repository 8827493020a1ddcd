"""The index: tables derived from the log, which answer questions in a few seeks."""
