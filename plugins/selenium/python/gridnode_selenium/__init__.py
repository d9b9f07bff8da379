"""Runs browser tests for gridnode: users, browsers, transactions, and every sample accounted for."""
