"""History as tables: a DuckDB file of the store's history, and answers to SQL over it."""
