"""The one-machine mode: one parent that prepares, starts, beats and stops everything."""
