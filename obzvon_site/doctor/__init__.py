"""What is wrong with this deployment: one module a subject, ``examine`` asks them all."""
