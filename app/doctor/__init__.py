"""`dragoman doctor`: looks for the usual mistakes, and says of each what to do. It changes nothing and sends nothing.

A check is one function of a `Patient` that yields findings, registered by its decorator; it runs if its module is
imported below, in the order of registration. One that needs the database gets a patient whose `store` is there.
"""

from app.doctor import database, machine, partners
from app.doctor.checks import CHECKS, Finding, Level, Patient, examine

__all__ = ["CHECKS", "Finding", "Level", "Patient", "database", "examine", "machine", "partners"]
