"""The network, its text and its file: what training and service share. Imports neither of them.

Reading order, which is the path of a review:

    labels.py       the three classes and their order
    text.py         text -> token ids with character offsets, and the language
    batching.py     token ids -> padded batch (B,T) with lengths (B,)
    cells.py        one step of Elman, Jordan, LSTM, GRU: the equations
    recurrence.py   a cell run over a whole sequence, on torch's kernels
    encoder.py      layers and directions -> hidden states (B,T,D·H)
    language_model.py  what comes next: the encoder before it judges
    pooling.py      hidden states -> one vector a text
    classifier.py   embedding -> encoder -> pooling -> head -> logits (B,C)
    artifact.py     the TorchScript file
    predictor.py    all of it: Predictor.load(path).predict(texts)

Dimension letters, everywhere: B batch, T tokens, E embedding, H hidden, D directions, L layers, C classes.
"""

import warnings

# torch says at its first use that numpy is not there; serving needs none.
warnings.filterwarnings("ignore", message="Failed to initialize NumPy", category=UserWarning)
