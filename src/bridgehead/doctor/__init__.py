"""The doctor: which link of the chain from the configuration to the write is broken, and how it is mended.

For: naming the cause of a refusal from evidence, with few refused calls, and never with a write.
May touch: the doors it was handed. Pure otherwise: clock, pause and the look at the network are arguments.
May not: read the configuration; know the emulator; guess.
"""

from bridgehead.doctor.calls import AT_MOST, Calls
from bridgehead.doctor.case import Case, Neighbour, Patient
from bridgehead.doctor.chain import CHAIN, walk
from bridgehead.doctor.check import Check
from bridgehead.doctor.finding import SCHEMA, Diagnosis, Evidence, Finding, Remedy, Suspect, Verdict, diagnosis
from bridgehead.doctor.redacted import Exchange

__all__ = [
    "AT_MOST",
    "CHAIN",
    "SCHEMA",
    "Calls",
    "Case",
    "Check",
    "Diagnosis",
    "Evidence",
    "Exchange",
    "Finding",
    "Neighbour",
    "Patient",
    "Remedy",
    "Suspect",
    "Verdict",
    "diagnosis",
    "walk",
]
