"""Looking after a store: settled when it is opened, migrated, derived anew, verified, backed up."""
