"""The proof that the suite errs in neither direction: faults it must catch, and differences it must allow."""
