"""The checks of check-local.py, one module for each noun."""
