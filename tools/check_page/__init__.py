"""The checks of check-page.py, one module for each way to use the page."""
