"""One module per step, ``NNNN_verb_noun.py``, never edited after merge."""
