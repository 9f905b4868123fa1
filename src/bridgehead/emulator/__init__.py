"""A multi-tenant UKG Pro on your own machine, strict as production.

For: developing and testing against, since nobody can reach UKG from a laptop.
May touch: its own state, the socket it was given, the clock it was given.
May not: import anything of the house; with no shared constant, a misspelt scope in the client fails a test.
"""

from bridgehead.emulator.database import StateUnreadable
from bridgehead.emulator.demo import demo_seed
from bridgehead.emulator.faults.switchboard import Fault, FaultRefused
from bridgehead.emulator.records import Limits
from bridgehead.emulator.seed import Seed, SeedRefused, read_seed, write_seed
from bridgehead.emulator.server import DemoClient, Emulator, Snapshot

__all__ = [
    "DemoClient",
    "Emulator",
    "Fault",
    "FaultRefused",
    "Limits",
    "Seed",
    "SeedRefused",
    "Snapshot",
    "StateUnreadable",
    "demo_seed",
    "read_seed",
    "write_seed",
]
