"""Looking after a store as a whole: migrated, verified, backed up."""
