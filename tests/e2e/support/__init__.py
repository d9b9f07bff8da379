"""What the end-to-end tests share; each module says what it is for."""
