"""What a campaign may do, without models: hours, limits, retries, zones, texts, and their laws."""
