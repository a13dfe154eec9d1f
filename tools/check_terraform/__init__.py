"""What check-terraform.py checks with."""
