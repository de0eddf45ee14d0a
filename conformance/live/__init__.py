"""A target that somebody uses: what it holds stays there, is kept on disk, and is proved to be what it was."""
