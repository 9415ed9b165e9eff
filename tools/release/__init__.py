"""The release of every distribution: built, looked into, and installed from what was built.

``nox -s release`` runs all of it; ``docs/release.md`` says how a release is made.
"""
