"""The grammar behind `training.starter`: word lists and templates as text files, and the code that fills them.

Reading order: `english_words.txt` and `english_templates.txt` (what is written), `lexicon.py` and `templates.py`
(how the files are read), `writer.py` (how a template becomes a sentence), `surface.py` (how people type it).
"""
