"""csv-diff: compares text, knows no tolerance; what differs within a tolerance counts as changed. Same column names are
needed, so the header of the right file is renamed as it is read."""
import io, json, sys
from csv_diff import compare, load_csv

left, right, out = sys.argv[1:4]
names = {"ref": "txn_id", "value_date": "booked", "ccy": "currency", "amt": "amount"}
with open(left, newline="") as file:
    l = load_csv(file, key="txn_id")
with open(right, newline="") as file:
    header = ",".join(names.get(name, name) for name in file.readline().rstrip("\r\n").split(","))
    r = load_csv(io.StringIO(header + "\n" + file.read(), newline=""), key="txn_id")
found = compare(l, r)
with open(f"{out}/breaks.json", "w") as file:
    json.dump(found, file, ensure_ascii=False)
print(json.dumps({"changed": len(found["changed"]), "leftOnly": len(found["removed"]), "rightOnly": len(found["added"]), "matched": len(l) - len(found["removed"]) - len(found["changed"])}))
