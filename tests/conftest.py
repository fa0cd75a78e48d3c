"""What every test shares. The surroundings, made earlier, are in tests/surroundings.py."""
