"""RapidFuzz alone: all fields as one text, token_set_ratio of all pairs, 80 and more, each record's best partner."""
import json, sys
import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process, utils

name, left, right, out = sys.argv[1:5]
def read(path):
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    return frame["id"].to_numpy(), [utils.default_process(" ".join(row)) for row in frame.drop(columns="id").to_numpy()]
single = right == "-"
ids, texts = read(left)
other_ids, other_texts = (ids, texts) if single else read(right)
scores = process.cdist(texts, other_texts, scorer=fuzz.token_sort_ratio if single else fuzz.token_set_ratio, score_cutoff=80, dtype=np.uint8, workers=2)
if single:
    rows, columns = np.nonzero(np.triu(scores, 1))
    pairs = [sorted((ids[a], ids[b])) + [None] for a, b in zip(rows, columns)]
else:
    best, best_other = scores.argmax(axis=1), scores.argmax(axis=0)
    pairs = [(ids[a], other_ids[b], None) for a, b in enumerate(best) if scores[a, b] > 0 and best_other[b] == a]
pd.DataFrame(pairs, columns=["l", "r", "probability"]).to_csv(out, index=False)
print(json.dumps({}))
