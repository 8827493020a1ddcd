"""What is kept: events in their order, and what stands beside them; never derived again."""
