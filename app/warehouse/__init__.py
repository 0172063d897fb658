"""Connectors to the systems of those who fulfil orders: what they are asked, how, and what their answers mean."""
