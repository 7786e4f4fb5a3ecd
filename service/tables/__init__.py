"""Tables of reviews: rows read in bounded windows and written back with the columns that scoring adds.

Reading order: table (what a row, a window and a verdict are), place (which file, which format), source and
target (bytes in, bytes out), text_column, then one file a format: delimited (CSV, TSV), jsonl, parquet. A new
format is one file and one line in formats.py.
"""
