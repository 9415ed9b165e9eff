"""Tools of the repository itself, which no package ships."""
