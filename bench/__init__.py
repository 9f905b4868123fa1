"""The benchmark: bridgehead beside the tools that people use instead, on the same rows, against the same sink.

`make bench` runs it; `docs/performance.md` says what it found. Nothing here is part of the product.
"""
