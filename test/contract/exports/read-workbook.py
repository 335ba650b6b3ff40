"""Prints a workbook as JSON, as openpyxl understands it: per sheet its title, what is frozen, where the filter is, and each cell's
value, type, number format and fill."""
import datetime, json, sys
from openpyxl import load_workbook


def value(cell):
    if isinstance(cell.value, (datetime.datetime, datetime.date)):
        return cell.value.isoformat()
    return cell.value


def cell_of(cell):
    fill = cell.fill.fgColor.rgb if cell.fill.fill_type == "solid" else None
    return {"value": value(cell), "type": cell.data_type, "format": cell.number_format, "fill": fill, "bold": bool(cell.font.bold)}


def sheet_of(sheet):
    return {
        "title": sheet.title,
        "frozen": sheet.freeze_panes,
        "filter": sheet.auto_filter.ref,
        "rows": [[cell_of(cell) for cell in row] for row in sheet.iter_rows()],
    }


print(json.dumps([sheet_of(sheet) for sheet in load_workbook(sys.argv[1]).worksheets]))
