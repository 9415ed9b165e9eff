"""A package that ships what a network has learnt."""
