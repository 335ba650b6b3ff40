"""Splink without labels, as its own tutorials set it up: u by random sampling, m by EM in two or three sessions, term
frequencies, blocking rules chosen by hand per set; of two files each record's best partner, of one file clusters."""
import csv, json, sys
import duckdb
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
import splink.comparison_library as cl

name, left, right, out = sys.argv[1:5]
con = duckdb.connect()
con.execute("SET threads = 2")
read = lambda path: con.sql(f"SELECT id AS unique_id, lower(COLUMNS(* EXCLUDE (id))) FROM read_csv('{path}', header = true, all_varchar = true, max_line_size = 100000)")
tf = lambda comparison: comparison.configure(term_frequency_adjustments=True)

if name.startswith("febrl"):
    comparisons = [cl.NameComparison("given_name"), cl.NameComparison("surname"), cl.ExactMatch("street_number"),
        cl.JaroWinklerAtThresholds("address_1", [0.9, 0.8]), cl.JaroWinklerAtThresholds("address_2", [0.9, 0.8]), tf(cl.JaroWinklerAtThresholds("suburb", [0.9, 0.8])),
        cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]), cl.ExactMatch("state"), cl.DamerauLevenshteinAtThresholds("date_of_birth", [1, 2]),
        cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2])]
    rules = [block_on("soc_sec_id"), block_on("date_of_birth"), block_on("given_name", "surname"), block_on("postcode", "street_number"), block_on("address_1"), block_on("suburb", "surname"), block_on("given_name", "postcode")]
    sessions = [block_on("date_of_birth"), block_on("given_name", "surname"), block_on("soc_sec_id")]
    sure = [block_on("soc_sec_id")]
elif name.startswith("persons"):
    comparisons = [cl.NameComparison("given_name"), cl.NameComparison("surname"), cl.DamerauLevenshteinAtThresholds("birth_date", [1, 2]),
        cl.JaroWinklerAtThresholds("street", [0.9, 0.8]), tf(cl.JaroWinklerAtThresholds("city", [0.9, 0.8])), cl.DamerauLevenshteinAtThresholds("postcode", [1, 2])]
    rules = [block_on("birth_date", "surname"), block_on("birth_date", "given_name"), block_on("street", "postcode"), block_on("surname", "postcode"), block_on("street", "surname"),
        block_on("given_name", "street"), block_on("birth_date", "postcode"), block_on("birth_date", "street"), block_on("birth_date", "city"), block_on("surname", "given_name", "city"), block_on("street", "city")]
    sessions = [block_on("birth_date"), block_on("street", "postcode")]
    sure = [block_on("birth_date", "surname", "given_name")]
elif name.startswith("payments"):
    comparisons = [tf(cl.JaroWinklerAtThresholds("payer", [0.95, 0.9, 0.8])), cl.DamerauLevenshteinAtThresholds("reference", [1, 2]), cl.ExactMatch("amount"),
        cl.DamerauLevenshteinAtThresholds("booked", [1, 2]), cl.ExactMatch("currency")]
    rules = [block_on("reference"), block_on("substr(reference, -6)"), block_on("amount", "currency"), block_on("substr(payer, 1, 10)", "booked")]
    sessions = [block_on("reference"), block_on("amount", "currency")]
    sure = [block_on("reference", "amount")]
elif name == "dblp-acm":
    comparisons = [cl.JaroWinklerAtThresholds("title", [0.95, 0.9, 0.8]), cl.JaroWinklerAtThresholds("authors", [0.95, 0.9, 0.8]), cl.ExactMatch("venue"), cl.ExactMatch("year")]
    rules = [block_on("substr(title, 1, 6)"), block_on("substr(authors, 1, 8)", "year"), block_on("title")]
    sessions = [block_on("year", "substr(title, 1, 4)"), block_on("substr(authors, 1, 8)")]
    sure = [block_on("title", "year")]
else:
    comparisons = [cl.JaroWinklerAtThresholds("name", [0.95, 0.9, 0.8, 0.7]), cl.JaroWinklerAtThresholds("description", [0.9, 0.8, 0.7]), cl.ExactMatch("price")]
    rules = [block_on("substr(name, 1, 4)")]
    sessions = [block_on("substr(name, 1, 6)"), block_on("price")]
    sure = [block_on("name")]

api = DuckDBAPI(connection=con)
single = right == "-"
sources = [api.register(read(left), dataset_display_name="l")] + ([] if single else [api.register(read(right), dataset_display_name="r")])
settings = SettingsCreator(link_type="dedupe_only" if single else "link_only", comparisons=comparisons, blocking_rules_to_generate_predictions=rules, retain_intermediate_calculation_columns=False, retain_matching_columns=False)
linker = Linker(sources[0] if single else sources, settings, log_level=None)
linker.training.estimate_probability_two_random_records_match(sure, recall=0.6)
linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=7)
for rule in sessions:
    try:
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    except Exception as error:
        print(f"session failed: {error}", file=sys.stderr)
predicted = linker.inference.predict(threshold_match_probability=0.5)
if single:
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, threshold_match_probability=0.5).physical_name
    con.execute(f"COPY (SELECT a.unique_id AS l, b.unique_id AS r, NULL AS probability FROM {clusters} a JOIN {clusters} b ON a.cluster_id = b.cluster_id AND a.unique_id < b.unique_id) TO '{out}' (HEADER)")
else:
    con.execute(f"""COPY (SELECT unique_id_l AS l, unique_id_r AS r, match_probability AS probability FROM {predicted.physical_name}
        QUALIFY row_number() OVER (PARTITION BY unique_id_l ORDER BY match_weight DESC, unique_id_r) = 1 AND row_number() OVER (PARTITION BY unique_id_r ORDER BY match_weight DESC, unique_id_l) = 1) TO '{out}' (HEADER)""")
print(json.dumps({}))
