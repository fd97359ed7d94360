"""The node-shutdown protocol as a model; see ``spec/PROTOCOL.md``."""

from pathlib import Path

NODE_SHUTDOWN = Path(__file__).with_name("node_shutdown.py")
"""The model's file, to be run by :func:`knell.language.loading.load_model`."""
