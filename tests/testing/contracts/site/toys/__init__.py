"""Small backends for tests of the contract suite: a few that are honest, and many that lie."""
