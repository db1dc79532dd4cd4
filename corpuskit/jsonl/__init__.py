"""Documents of any format as one JSON Lines file, shuffled or in order."""
