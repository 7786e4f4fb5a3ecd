"""Other ways to serve the same artifact, for bench/serve.py to measure beside the service."""
