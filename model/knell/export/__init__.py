"""Models as texts for other tools: witnesses that share nothing with our own judges."""
