"""The same recurrences on other sequences, each run by `python -m examples.NAME`; `--help` says what it does.

bag_of_words.py  why context needs a memory: a weight per word against a recurrence
bptt.py          the gradient through time, by the recurrence's own sums
sine_wave.py     foretelling a curve, then running on alone
char_lm.py       a character language model
unrolled.py      the pictures of docs/recurrences.md
"""
