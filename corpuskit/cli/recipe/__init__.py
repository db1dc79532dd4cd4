"""Training recipes: list, show, copy and check them."""
