"""The imperative shell: the projector people embed, the command line, the demo."""
