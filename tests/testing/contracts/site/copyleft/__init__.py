"""A module of a package under the GPL."""
