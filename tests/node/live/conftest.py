"""Live tests: real processes on loopback."""
