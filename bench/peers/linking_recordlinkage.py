"""The Python Record Linkage Toolkit without labels: its ECM classifier on comparisons as its documentation shows them."""
import json, sys
import pandas as pd
import recordlinkage as rl

name, left, right, out = sys.argv[1:5]
read = lambda path: pd.read_csv(path, dtype=str, keep_default_na=True).set_index("id").apply(lambda column: column.str.lower())
single = right == "-"
l = read(left)
r = l if single else read(right)
indexer, compare = rl.Index(), rl.Compare()
if name.startswith("febrl"):
    for column in ["soc_sec_id", "date_of_birth", "given_name", "surname", "postcode"]:
        indexer.block(column)
    for column in ["given_name", "surname", "address_1", "address_2", "suburb"]:
        compare.string(column, column, method="jarowinkler", threshold=0.85)
    for column in ["street_number", "postcode", "state", "date_of_birth", "soc_sec_id"]:
        compare.exact(column, column)
elif name.startswith("persons"):
    indexer.block(["birth_date"]); indexer.block(["street"]); indexer.block(["surname", "postcode"]); indexer.block(["given_name", "postcode"])
    for column in ["given_name", "surname", "street", "city"]:
        compare.string(column, column, method="jarowinkler", threshold=0.85)
    for column in ["birth_date", "postcode"]:
        compare.exact(column, column)
elif name == "dblp-acm":
    indexer.block("year")
    compare.string("title", "title", method="jarowinkler", threshold=0.9)
    compare.string("authors", "authors", method="jarowinkler", threshold=0.85)
    compare.exact("year", "year")
else:
    for frame in {id(l): l, id(r): r}.values():
        frame["first"] = frame["name"].str.split().str[0].str.lower()
    indexer.block("first")
    compare.string("name", "name", method="qgram", threshold=0.5)
    compare.string("description", "description", method="qgram", threshold=0.4)
    compare.exact("price", "price")
pairs = indexer.index(l) if single else indexer.index(l, r)
features = compare.compute(pairs, l) if single else compare.compute(pairs, l, r)
classifier = rl.ECMClassifier()
links = classifier.fit_predict(features.astype(int))
probability = classifier.prob(features.astype(int)).loc[links]
found = pd.DataFrame({"l": links.get_level_values(0), "r": links.get_level_values(1), "probability": probability.to_numpy()})
if not single:
    found["sum"] = features.loc[links].sum(axis=1).to_numpy()
    found = found.sort_values(["probability", "sum"], ascending=False)
    found = found[~found.duplicated("l") & ~found.duplicated("r")].drop(columns="sum")
else:
    found[["l", "r"]] = [sorted(pair) for pair in found[["l", "r"]].to_numpy()]
found.to_csv(out, index=False)
print(json.dumps({}))
