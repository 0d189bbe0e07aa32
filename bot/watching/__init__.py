"""What an operator's machines watch: figures for Prometheus, and whether the bot is well."""
