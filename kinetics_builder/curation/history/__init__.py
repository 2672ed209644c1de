"""How the classes of one version of a dataset became those of the next."""
