"""The proof that the suite catches what is wrong, and objects to nothing that is right."""
