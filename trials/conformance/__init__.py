"""Holds what passes over the sandbox's wire to Discord's published OpenAPI description."""
