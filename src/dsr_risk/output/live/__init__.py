"""A workbook with live formulas: one sheet a step, from the framework to ranks."""
