"""Waivers: the vendor's own statements that violations are known, read, held against a run, and written from one."""
