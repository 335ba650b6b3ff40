// The help of the program and of each command, with an example of each. docs/cli.md says more.
import { version } from './version.ts';

const overview = `tieout ${version}: prove that two sets of figures agree, and answer for every difference

  tieout match LEFT RIGHT --out DIR     compare two files, every row of both answered for
  tieout match --dedupe FILE --out DIR  find the rows of one file that are the same thing
  tieout init LEFT RIGHT                propose a definition from the data, to be edited
  tieout explain KEY --results DIR      one record's way through a comparison
  tieout backtest OLD NEW LEFT RIGHT    what a changed definition would gain, lose and change
  tieout generate --rows N --out DIR    two files with known differences, to try it on
  tieout COMMAND --help                 the options of a command
  tieout --version

Files: CSV, TSV, JSON, NDJSON, Parquet, XLSX, each also gzipped.
Exit code: 0 all rows agree, 1 there are breaks or rejected rows, 2 bad use or unreadable input.
`;

const settings = `  --type FIELD=TYPE            text, integer, decimal, date, datetime or boolean
  --date-format FIELD=FORMAT   how dates are written, as in %d.%m.%Y; FIELD@right=FORMAT for one side
  --decimal-mark FIELD=MARK    . or ,  FIELD@right=MARK for one side
  --ignore-case FIELD          letter case and repeated spaces do not matter
  --sheet NAME                 sheet of a workbook; right=NAME for one side
  --delimiter C                of CSV; \\t for a tab; right=C for one side
  --encoding NAME              utf-8, utf-16le, utf-16be, windows-1252 or iso-8859-1; right=NAME for one side
  --input-format FORMAT        csv, json, ndjson, parquet or xlsx, whatever the name says; right=FORMAT for one side
  --max-rejects N              stop when a side has more rows that cannot be read`;

const commands: Record<string, string> = {
  match: `tieout match LEFT RIGHT --out DIR [--key L=R]... [--compare L=R~TOLERANCE]... [options]
tieout match LEFT RIGHT --out DIR --fuzzy L=R... [--key L=R]... [--compare L=R~TOLERANCE]... [options]
tieout match FILE FILE... --definition FILE --out DIR
tieout match --dedupe FILE --out DIR [--fuzzy COLUMN]... [options]

Pairs the rows by their key, compares the fields, and writes matches, breaks, rejects and summary.json into DIR.

  --key L[=R]                  key column of both files, or L of LEFT and R of RIGHT; repeat for a key of several.
                               Found from the data when left out
  --compare L[=R][~TOLERANCE]  columns to compare: ~0.01 amount, ~1% of LEFT's, ~2d days. Without any, all columns
                               that both files have. Write \\= \\~ \\@ for those characters in a name
  --fuzzy L[=R][~HOW]          links records by what their values say together, without a common key: names misspelt,
                               dates off by a digit. Repeat it. After --key: what the key leaves. ~name, ~text, ~code,
                               ~number or ~date: how values are compared, else chosen from them
  --threshold P                probability from which on two records are linked, 0 to 1; 0.5 when left out
  --target-precision P         instead: as low as this share of the links is right
  --equivalences FILE          spellings that are one: CSV, a group a line, or JSON, a list of lists
  --dedupe FILE                finds the duplicates in one file, by its columns or those of --fuzzy
  --currency FIELD             keeps sums apart; a shared column currency, ccy or curr when left out
  --definition FILE            JSON, as init writes it; the files follow in the order of its sources
  --file SOURCE=PATH           names the source of a file instead
  --out DIR                    results of an earlier comparison there are replaced
  --format csv|json|parquet|xlsx   csv when left out
  --json                       the summary as one JSON object on stdout
${settings}

Examples
  tieout match ledger.csv bank.csv --key txn_id=ref --compare amount=amt~0.01 --compare booked=value_date~2d --out out
  tieout match a.xlsx b.csv --key account --key date --sheet left=March --out out --format xlsx
  tieout match ledger.csv bank.csv --fuzzy party=name --fuzzy booked=value_date --fuzzy amount=amt --out out
  tieout match --dedupe customers.csv --fuzzy name --fuzzy city --threshold 0.9 --out out
  tieout match book.csv bank.csv broker.csv --definition cash.json --out out --json
`,
  init: `tieout init LEFT RIGHT [--key L=R]... [--out FILE] [--sheet NAME] [--delimiter C] [--encoding NAME]
             [--input-format FORMAT]

Proposes a definition: which columns belong together, which of them are the key, their types, and a tolerance where
small differences are frequent. JSON on stdout or in FILE; the reasons on stderr. It is a proposal: read and edit it.

Examples
  tieout init ledger.csv bank.csv --out cash.json
  tieout match ledger.csv bank.csv --definition cash.json --out out
`,
  explain: `tieout explain KEY... --results DIR [--json]
tieout explain --row [SOURCE=]N --results DIR [--json]
tieout explain KEY... --definition FILE --file SOURCE=PATH --file SOURCE=PATH [--json]

Shows the records with this key on every side, how they were paired, and how each field compared; of what was linked by
its values, what each of them says. One word for each field of the key; --row names a record by its row, of the first
source unless another is named. Exit code 0 when it agrees, 1 when it is a break.

Examples
  tieout explain T0000000042 --results out
  tieout explain --row right=12 --results out
  tieout explain 1001 2024-03-31 --definition cash.json --file left=ledger.csv --file right=bank.csv
`,
  backtest: `tieout backtest OLD NEW FILE FILE... [options]
tieout backtest OLD NEW --on FILE --on FILE... [options]

Runs two definitions over the same files and compares their matches, pass by pass: gained, lost, matched otherwise, and
pairs that agreed and differ now. Exit code 0 when nothing is lost or changed, 1 when something is.

  OLD, NEW                     definitions, JSON as init and match write them, of the same sources
  FILE, --on FILE              in the order of the sources
  --file SOURCE=PATH           names the source of a file instead
  --confirmed FILE             matches that must hold: left_row,right_row[,group_id], as match writes them, or
                               left_key,right_key. Then only these make it fail
  --allow-lost N|all           as many may be lost or changed; 0 when left out
  --out DIR                    writes gained, lost and changed matches, and backtest.json
  --format csv|json|parquet|xlsx   csv when left out
  --json                       one JSON object on stdout

Examples
  tieout backtest cash.json cash-wider.json ledger.csv bank.csv
  tieout backtest cash.json cash-wider.json --on ledger.csv --on bank.csv --confirmed march/matches.csv --out lab
`,
  generate: `tieout generate --rows N --out DIR [--seed S] [--breaks 1%] [--duplicates 0.5%]

Writes left.csv, right.csv (shuffled, other column names) and truth.json with the exact counts that a comparison must
find. The same numbers give the same bytes on every machine.

  --breaks P        share of rows with a break, of each of 7 kinds; 1% when left out
  --duplicates P    share of keys that a file has more than once; 0% when left out

Example
  tieout generate --rows 1000000 --seed 7 --out sample
`,
};

export function helpFor(command: string | undefined): string {
  return (command !== undefined && Object.hasOwn(commands, command) && commands[command]) || overview;
}
