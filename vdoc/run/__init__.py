"""Making a run: provision, intake, cases, window, seal."""
