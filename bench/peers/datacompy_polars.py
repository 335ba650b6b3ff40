"""datacompy on polars frames. It has no tolerance in days: dates are compared as day numbers. Money is binary floats."""
import json, sys
import polars as pl
from datacompy.polars import PolarsCompare

left, right, out = sys.argv[1:4]
l = pl.read_csv(left, try_parse_dates=True).with_columns(pl.col("booked").cast(pl.Int32))
r = pl.read_csv(right, try_parse_dates=True).rename({"ref": "txn_id", "value_date": "booked", "ccy": "currency", "amt": "amount"}).with_columns(pl.col("booked").cast(pl.Int32))
# A cent of difference is a hair more than a cent in binary.
compare = PolarsCompare(l, r, join_columns="txn_id", abs_tol={"amount": 0.01 + 1e-9, "booked": 2}, rel_tol={"fee": 0.01})
compare.all_mismatch().write_csv(f"{out}/mismatches.csv")
compare.df1_unq_rows.write_csv(f"{out}/left-only.csv")
compare.df2_unq_rows.write_csv(f"{out}/right-only.csv")
matched = compare.count_matching_rows()
print(json.dumps({"matched": matched, "mismatched": compare.intersect_rows.height - matched, "leftOnly": compare.df1_unq_rows.height, "rightOnly": compare.df2_unq_rows.height}))
