"""Model-based runs: random sequences of admin requests, each judged by a model of the API."""
