"""Who does what: actions are proposed for a person, then each is verified."""
