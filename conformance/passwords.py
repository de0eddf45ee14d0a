"""Passwords, which a person gives in the environment or at a prompt."""

import getpass
import os
import sys

import pytest


def password_variable(role: str) -> str:
    """The environment variable that holds the password of a role."""
    return f"CONFORMANCE_{role.upper()}_PASSWORD"


def password(role: str, user: str) -> str:
    """The password of a user, from the environment or a prompt; raises pytest.UsageError where neither can be had."""
    variable = password_variable(role)
    if variable in os.environ:
        return os.environ[variable]
    if not sys.stdin.isatty():
        raise pytest.UsageError(f"--{role} {user}: put the password into {variable}, as nobody can be asked for it.")
    return getpass.getpass(f"Password of {user}: ")
