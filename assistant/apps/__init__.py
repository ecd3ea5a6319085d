"""Front ends that live longer than one command."""
