"""A scheduler that is killed again and again, while files change; played by `make survive`."""
