//! Whole reports of simulated results.
