"""datacompy on pandas frames. It has no tolerance in days: dates are compared as day numbers. Money is binary floats."""
import json, sys
import pandas as pd
from datacompy.pandas import PandasCompare

left, right, out = sys.argv[1:4]
day = pd.Timedelta(days=1)
l = pd.read_csv(left, parse_dates=["booked"])
r = pd.read_csv(right, parse_dates=["value_date"]).rename(columns={"ref": "txn_id", "value_date": "booked", "ccy": "currency", "amt": "amount"})
for frame in (l, r):
    frame["booked"] = (frame["booked"] - pd.Timestamp("1970-01-01")) // day
# A cent of difference is a hair more than a cent in binary.
compare = PandasCompare(l, r, join_columns="txn_id", abs_tol={"amount": 0.01 + 1e-9, "booked": 2}, rel_tol={"fee": 0.01})
compare.all_mismatch().to_csv(f"{out}/mismatches.csv", index=False)
compare.df1_unq_rows.to_csv(f"{out}/left-only.csv", index=False)
compare.df2_unq_rows.to_csv(f"{out}/right-only.csv", index=False)
matched = compare.count_matching_rows()
print(json.dumps({"matched": int(matched), "mismatched": int(len(compare.intersect_rows) - matched), "leftOnly": len(compare.df1_unq_rows), "rightOnly": len(compare.df2_unq_rows)}))
