"""One reader a corpus, each for the layout in which its authors published it."""
