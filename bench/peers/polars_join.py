"""The same comparison with polars: lazy, its streaming engine, types given."""
import json, sys
import polars as pl

left, right, out = sys.argv[1:4]
money = pl.Decimal(18, 2)
l = pl.scan_csv(left, schema={"txn_id": pl.String, "booked": pl.Date, "amount": money, "fee": money, "currency": pl.String, "counterparty": pl.String})
r = pl.scan_csv(right, schema={"ref": pl.String, "value_date": pl.Date, "ccy": pl.String, "amt": money, "fee": money, "counterparty": pl.String})
joined = l.join(r, left_on="txn_id", right_on="ref", how="full", coalesce=False).with_columns(
    outcome=pl.when(pl.col("ref").is_null()).then(pl.lit("left only"))
    .when(pl.col("txn_id").is_null()).then(pl.lit("right only"))
    .when(
        ((pl.col("amount") - pl.col("amt")).abs() <= pl.lit("0.01").cast(money))
        & ((pl.col("fee") - pl.col("fee_right")).abs() * 100 <= pl.col("fee"))
        & ((pl.col("booked") - pl.col("value_date")).dt.total_days().abs() <= 2)
        & (pl.col("currency") == pl.col("ccy"))
        & (pl.col("counterparty") == pl.col("counterparty_right"))
    ).then(pl.lit("matched")).otherwise(pl.lit("mismatched"))
).collect(engine="streaming")
joined.filter(pl.col("outcome") == "matched").select("txn_id").write_parquet(f"{out}/matches.parquet")
joined.filter(pl.col("outcome") != "matched").write_parquet(f"{out}/breaks.parquet")
sums = joined.group_by("outcome", "currency", "ccy").agg(pl.len(), pl.sum("amount", "amt", "fee", "fee_right"))
counts = {row["outcome"]: row["len"] for row in sums.group_by("outcome").agg(pl.sum("len")).to_dicts()}
print(json.dumps({"matched": counts.get("matched", 0), "mismatched": counts.get("mismatched", 0), "leftOnly": counts.get("left only", 0), "rightOnly": counts.get("right only", 0)}))
