"""Who can do it: offers, needs, and the choice between them."""
