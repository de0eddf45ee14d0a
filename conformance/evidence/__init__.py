"""What went over the wire in a run, kept as `evidence.jsonl`, and judged again from there."""
