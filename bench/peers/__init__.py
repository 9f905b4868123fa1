"""The peers: how the same rows get to the same endpoint without bridgehead, each as its users would write it.

Each is a program of its own: `python -m bench.peers.NAME URL FILE`, in an empty folder. None checks or remembers.
"""
