"""What people and programs use: the projector, the command line, screens, evidence, JSON and the demo."""
