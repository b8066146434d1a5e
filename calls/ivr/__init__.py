"""The scenario document: pure Python, without models, requests or clocks."""
