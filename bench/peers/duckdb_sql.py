"""The yardstick: the same comparison as hand-written SQL for exactly these two files. Types are given, keys are taken
to be unique, no row can be rejected. Writes matches and breaks as Parquet; counts and sums per outcome and currency."""
import json, sys
import duckdb

left, right, out = sys.argv[1:4]
con = duckdb.connect()
con.execute("SET preserve_insertion_order = false")
con.execute(f"SET temp_directory = '{out}/spill'")
con.execute(f"""
CREATE TABLE joined AS
WITH l AS (SELECT * FROM read_csv('{left}', header = true, auto_detect = false, delim = ',', quote = '"', escape = '"', columns = {{
       'txn_id': 'VARCHAR', 'booked': 'DATE', 'amount': 'DECIMAL(18,2)', 'fee': 'DECIMAL(18,2)', 'currency': 'VARCHAR', 'counterparty': 'VARCHAR'}})),
     r AS (SELECT * FROM read_csv('{right}', header = true, auto_detect = false, delim = ',', quote = '"', escape = '"', columns = {{
       'ref': 'VARCHAR', 'value_date': 'DATE', 'ccy': 'VARCHAR', 'amt': 'DECIMAL(18,2)', 'fee': 'DECIMAL(18,2)', 'counterparty': 'VARCHAR'}}))
SELECT txn_id, ref, booked, value_date, amount, amt, l.fee AS fee, r.fee AS fee_r, currency, ccy, l.counterparty AS counterparty, r.counterparty AS counterparty_r,
  CASE WHEN ref IS NULL THEN 'left only' WHEN txn_id IS NULL THEN 'right only'
       WHEN abs(amount - amt) <= 0.01 AND abs(l.fee - r.fee) * 100 <= l.fee AND abs(booked - value_date) <= 2
        AND currency = ccy AND l.counterparty = r.counterparty THEN 'matched' ELSE 'mismatched' END AS outcome
FROM l FULL JOIN r ON txn_id = ref""")
con.execute(f"COPY (SELECT txn_id FROM joined WHERE outcome = 'matched') TO '{out}/matches.parquet'")
con.execute(f"""COPY (SELECT *, abs(amount - amt) > 0.01 AS amount_differs, abs(fee - fee_r) * 100 > fee AS fee_differs,
  abs(booked - value_date) > 2 AS booked_differs, currency <> ccy AS currency_differs, counterparty <> counterparty_r AS counterparty_differs
  FROM joined WHERE outcome <> 'matched') TO '{out}/breaks.parquet'""")
sums = con.execute("SELECT outcome, currency, ccy, count(*), sum(amount), sum(amt), sum(fee), sum(fee_r) FROM joined GROUP BY ALL").fetchall()
counts = {}
for outcome, _, _, n, *_ in sums:
    counts[outcome] = counts.get(outcome, 0) + n
print(json.dumps({"matched": counts.get("matched", 0), "mismatched": counts.get("mismatched", 0), "leftOnly": counts.get("left only", 0), "rightOnly": counts.get("right only", 0)}))
