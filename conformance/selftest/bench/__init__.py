"""`make bench`: what the suite costs, beside a bare replay of the very same requests."""
