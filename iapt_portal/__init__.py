"""Wires the rooms together: settings, addresses, queue, the ./portal command."""
