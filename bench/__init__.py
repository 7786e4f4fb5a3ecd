"""Side-by-side measurements behind the claims in docs/; each is one make target."""
