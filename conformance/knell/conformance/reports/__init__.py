"""What a campaign found, for people and for continuous integration."""
