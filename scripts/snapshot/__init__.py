"""The steps of scripts/build_snapshot.py: read, compute, choose, write, describe."""
