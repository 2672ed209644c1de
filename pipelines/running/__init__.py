"""How a stage is run over its items: what is left, who has which, what came of each."""
