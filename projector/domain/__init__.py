"""The nouns every room shares: events, identities, instants, states, versions, errors."""
