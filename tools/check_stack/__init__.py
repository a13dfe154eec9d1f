"""What check-stack.py asserts of the template, and of the stacks that moto makes of it."""
